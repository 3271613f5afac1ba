import torch
import torch.nn as nn
import torch.nn.functional as F
import numpy as np

net = nn.Linear(4, 3)
for x, y in loader:
    p = net(x).detach().numpy()
    loss = torch.tensor(np.mean(p), requires_grad=True)  # error: rewrapped-loss
    loss.backward()
