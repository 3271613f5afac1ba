"""A statement that only tries whether it works: nothing holds the tensor, so no result is lost."""

import torch
from torch import nn

net = nn.Linear(8, 16)
x = torch.randn(2, 8)
torch.zeros(1).cuda() if torch.cuda.is_available() else None
if torch.cuda.is_available():
    torch.zeros(1).cuda()
net(x).reshape(2, 4, 4)
net.forward_features(x)[0].cpu().numpy().reshape(4, 4) if hasattr(net, "forward_features") else None
assert x.dim() == 2
