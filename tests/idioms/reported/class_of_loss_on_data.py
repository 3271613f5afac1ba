import torch
from torch import nn

net = nn.Linear(20, 4)
out = net(torch.zeros(2, 20))
loss = nn.MSELoss(out, torch.zeros(2, 4))  # error: class-called-on-tensor
other = nn.CrossEntropyLoss(weight, False)  # error: size-average
third = nn.functional.mse_loss(out, torch.zeros(2, 4), size_average=False)  # error: size-average
