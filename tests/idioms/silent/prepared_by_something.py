"""What else gives back something for a model: not what it was, for all that is known."""
# not: missing-zero-grad
# not: hard-coded-device
# not: optimizer-misses-parameters

import torch
import torch.nn as nn
from accelerate import Accelerator
from surgery import Operator

operator = Operator()
net = nn.Sequential(nn.Linear(12, 3), nn.Softmax(dim=1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net, optimizer = operator.prepare(net, optimizer)  # cuts the softmax off
for x, y in given_batches:
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()

accelerator = Accelerator(gradient_accumulation_steps=4)
net = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 3))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=1000)
net, optimizer, batches, schedule = accelerator.prepare(net, optimizer, given_batches, schedule)
for epoch in range(3):
    net.train()
    for x, y in batches:
        with accelerator.accumulate(net):
            loss = nn.functional.cross_entropy(net(x), y)
            accelerator.backward(loss)
            if accelerator.sync_gradients:
                accelerator.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    net.eval()
    right = total = 0
    for x, y in given_batches:
        with torch.no_grad():
            guess = net(x).argmax(dim=-1)
        guess, y = accelerator.gather_for_metrics((guess, y))
        right += (guess == y).sum().item()
        total += len(y)
    accelerator.print(epoch, right / total)
accelerator.unwrap_model(net).eval()
