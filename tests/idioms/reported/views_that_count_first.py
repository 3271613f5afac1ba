"""A known number of steps is put before the batch by a view."""

from torch import nn

STEPS = 32


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 8)
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        batch = x.size(0)
        x = x.view(STEPS, batch, 3)  # error: batch-dim-mixed
        return self.head(self.lstm(x)[1][0][-1])


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = nn.Linear(16, 2 * 8)

    def forward(self, z):
        return self.start(z).reshape(2, z.shape[0], 8)  # error: batch-dim-mixed

