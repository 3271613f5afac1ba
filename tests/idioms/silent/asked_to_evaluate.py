"""Something that is called in each iteration is asked for a result by `eval(...)`: that is no mode."""

# not: training-in-eval-mode
import torch
import torch.nn.functional as F

def fit(net, judge, loader, test_loader):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):

        for x, y in loader:
            optimizer.zero_grad()
            scores = judge(net(x))
            F.cross_entropy(scores, y).backward()
            optimizer.step()
        judge.eval({"scores": scores})
