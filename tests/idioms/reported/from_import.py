from torch.nn.functional import softmax as sm, cross_entropy as ce
from torch.nn import Linear

net = Linear(4, 3)


def step(x, y):
    return ce(sm(net(x), dim=1), y)  # error: softmax-before-cross-entropy
