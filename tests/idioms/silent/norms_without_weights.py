# not: layer-created-in-forward
# not: unregistered-submodule
# not: one-layer-times-n
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(10, 10)
        self.norms = [nn.GroupNorm(2, 10, affine=False) for _ in range(3)]
        self.same = [nn.LayerNorm(10, elementwise_affine=False)] * 3

    def forward(self, x):
        for norm, other in zip(self.norms, self.same):
            x = other(norm(x))
        return nn.LayerNorm(10, elementwise_affine=False)(self.fc(x))
