import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 3)
scaler = torch.cuda.amp.GradScaler()
opt = torch.optim.SGD(net.parameters(), 0.1)
for x, y in loader:
    with torch.autocast("cuda"):
        out = net(x).softmax(dim=1)
        loss = F.cross_entropy(out, y)  # error: softmax-before-cross-entropy
    scaler.scale(loss).backward()
    scaler.step(opt)
    scaler.update()
