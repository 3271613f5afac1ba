"""New dictionaries of new tensors, of other tensors, and of some of the tensors."""

import torch
from torch import nn

net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
other = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.ones(3, 4), torch.ones(3, 2)


def steps():
    for _ in range(100):
        optimizer.zero_grad()
        ((net(x) - y) ** 2).mean().backward()
        optimizer.step()


cloned = {k: v.clone() for k, v in net.state_dict().items()}
steps()
net.load_state_dict(cloned)

rounded = {k: v.half() for k, v in net.state_dict().items()}
steps()
net.load_state_dict(rounded)

fresh = {k: torch.zeros_like(v) for k, v in net.state_dict().items()}
steps()
net.load_state_dict(fresh)

another = {k: v for k, v in other.state_dict().items()}
steps()
net.load_state_dict(another)

first = {k: v for k, v in net.state_dict().items() if k.startswith("0")}
steps()
net.load_state_dict(first, strict=False)

follows = {k: v for k, v in net.state_dict().items()}
torch.save(follows, "net.pt")
