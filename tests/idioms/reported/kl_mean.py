import torch
import torch.nn as nn
import torch.nn.functional as F

a = nn.Linear(4, 3)
b = nn.Linear(4, 3)
kl = nn.KLDivLoss()
for x, _ in loader:
    kl(F.log_softmax(a(x), dim=1), F.softmax(b(x), dim=1)).backward()  # error: kl-div-input
