import torch
import torch.nn as nn
import torch.nn.functional as F

p = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 2), nn.Softmax(dim=-1))
opt = torch.optim.Adam(p.parameters())
from torch.distributions import Categorical


def ep(env):
    logs, rs = [], []
    s = env.reset()
    done = False
    while not done:
        d = Categorical(p(torch.tensor(s)))
        a = d.sample()
        logs.append(d.log_prob(a))
        s, r, done, _ = env.step(a.item())
        rs.append(r)
    loss = -(torch.stack(logs) * torch.tensor(rs)).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
