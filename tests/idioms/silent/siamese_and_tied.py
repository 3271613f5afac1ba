import torch
from torch import nn


class Siamese(nn.Module):
    """Both inputs pass the same layers; the second layer is made by a factory."""

    def __init__(self, build=nn.Linear, **options):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), build(784, 128, **options), nn.ReLU(inplace=True))
        self.head = nn.Sequential(nn.Linear(128, 1))

    def embed(self, x):
        return self.encoder(x)

    def forward(self, a, b):
        return torch.sigmoid(self.head((self.embed(a) - self.embed(b)).abs())).squeeze(1)


class Tied(nn.Module):
    def __init__(self, vocab=100, dim=16):
        super().__init__()
        self.emb = nn.Embedding(vocab, dim)
        self.out = nn.Linear(dim, vocab, bias=False)
        self.out.weight = self.emb.weight
        self.apply(self._init)

    def _init(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            module.weight.data.normal_(mean=0.0, std=0.02)
        elif isinstance(module, nn.LayerNorm):
            module.bias.data.zero_()
            module.weight.data.fill_(1.0)

    def forward(self, tokens):
        return self.out(self.emb(tokens))


print(Siamese()(torch.zeros(2, 1, 28, 28), torch.zeros(2, 1, 28, 28)), Tied()(torch.zeros(1, 3, dtype=torch.long)))
