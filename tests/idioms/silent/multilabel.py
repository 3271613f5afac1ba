import torch
import torch.nn as nn
import torch.nn.functional as F

m = nn.Linear(4, 5)
crit = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(m.parameters())
for x, y in loader:
    opt.zero_grad()
    out = m(x)
    loss = crit(out, y.float())
    loss.backward()
    opt.step()
    pred = out.sigmoid() > 0.5
