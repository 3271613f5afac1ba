import torch
import torch.nn as nn
import torch.nn.functional as F

s = nn.Linear(4, 3)
t = nn.Linear(4, 3)
for x, _ in loader:
    loss = F.kl_div(F.softmax(s(x), 1), F.softmax(t(x), 1), reduction="batchmean")  # error: kl-div-input
