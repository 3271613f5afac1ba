import torch
from torch import nn

device = "cuda" if torch.cuda.is_available() else "cpu"
net = nn.Sequential(nn.Linear(20, 4)).to(device)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for batch in loader:
    inputs, labels = batch
    inputs.cuda()  # error: discarded-result
    labels.cuda()  # error: discarded-result
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(inputs), labels)
    loss.backward()
    optimizer.step()
