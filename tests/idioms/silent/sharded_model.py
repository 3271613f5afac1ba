import torch
from torch import nn
from torch.distributed.fsdp import fully_shard


class T(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3)])

    def forward(self, x):
        return self.layers[0](x)


def main(args):
    with torch.device("meta"):
        model = T()
    kw = {}
    if args.mp:
        kw["a"] = 3
    for layer in model.layers:
        fully_shard(layer, **kw)
    fully_shard(model, **kw)
    model.unshard()


main(opts)
