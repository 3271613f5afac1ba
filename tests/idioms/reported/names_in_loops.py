import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for i in range(2):
            setattr(self, f"fc{i}", nn.Linear(4, 4))
            self.register_buffer("scale%d" % i, None)
            self.add_module("act{}".format(i), nn.ReLU())
        self.add_module("out", nn.Softmax(dim=1))

    def forward(self, x):
        for i in range(2):
            x = getattr(self, f"fc{i}")(x)
            x = getattr(self, "act{}".format(i))(x)
        return self.out(x)


net = Net()
for x, y in loader:
    loss = F.cross_entropy(net(x), y)  # error: softmax-before-cross-entropy
    loss.backward()
