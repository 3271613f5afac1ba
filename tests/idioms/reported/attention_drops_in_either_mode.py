from torch import nn
from torch.nn import functional


class Mixer(nn.Module):
    def __init__(self, width, share):
        super().__init__()
        self.width = width
        self.share = share
        self.query, self.both = nn.Linear(width, width), nn.Linear(width, 2 * width)

    def forward(self, tokens, memory):
        k, v = self.both(memory).chunk(2, dim=-1)
        return functional.scaled_dot_product_attention(
            self.query(tokens),
            k,
            v,
            None,
            self.share,  # error: dropout-always-on
        )


class Pooled(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.mixer = Mixer(width, 0.2)
        self.again = nn.Linear(width, width)

    def forward(self, tokens):
        found = self.mixer(tokens, tokens)
        q = self.again(found)
        return functional.scaled_dot_product_attention(q, found, found, dropout_p=0.1)  # error: dropout-always-on


net = Pooled(16)
net(batch)  # noqa: F821
