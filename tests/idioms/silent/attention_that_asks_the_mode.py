# not: dropout-always-on
from torch import nn
from torch.nn import functional


class Asks(nn.Module):
    def __init__(self, width, share):
        super().__init__()
        self.share = share
        self.query = nn.Linear(width, width)

    def forward(self, x):
        q = self.query(x)
        share = self.share if self.training else 0.0
        x = functional.scaled_dot_product_attention(q, x, x, dropout_p=share)
        x = functional.scaled_dot_product_attention(q, x, x, dropout_p=self.share * self.training)
        if self.training:
            return functional.scaled_dot_product_attention(q, x, x, dropout_p=self.share)
        return functional.scaled_dot_product_attention(q, x, x)


class Switches(nn.Module):
    """Its own `train` sets the share."""

    def __init__(self, width, share):
        super().__init__()
        self.share = self.kept = share
        self.query = nn.Linear(width, width)

    def train(self, mode=True):
        self.share = self.kept if mode else 0.0
        return super().train(mode)

    def forward(self, x):
        return functional.scaled_dot_product_attention(self.query(x), x, x, dropout_p=self.share)


class Told(nn.Module):
    """A method sets the share, whenever somebody asks for it."""

    def __init__(self, width, share):
        super().__init__()
        self.share = share
        self.query = nn.Linear(width, width)

    def steady(self):
        self.share = 0.0

    def forward(self, x):
        return functional.scaled_dot_product_attention(self.query(x), x, x, dropout_p=self.share)


class Never(nn.Module):
    def __init__(self, width, share=0.0):
        super().__init__()
        self.share = share
        self.query = nn.Linear(width, width)

    def forward(self, x):
        return functional.scaled_dot_product_attention(self.query(x), x, x, dropout_p=self.share)


class Property(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query = nn.Linear(width, width)

    @property
    def share(self):
        return 0.1 if self.training else 0.0

    def forward(self, x):
        return functional.scaled_dot_product_attention(self.query(x), x, x, dropout_p=self.share)


for net in (Asks(8, 0.1), Switches(8, 0.1), Told(8, 0.1), Never(8), Property(8)):
    net(batch)  # noqa: F821
Asks(8, 0.1)(batch)  # noqa: F821
Switches(8, 0.1)(batch)  # noqa: F821
Told(8, 0.1)(batch)  # noqa: F821
Property(8)(batch)  # noqa: F821
