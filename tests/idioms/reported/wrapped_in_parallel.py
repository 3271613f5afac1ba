import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.parallel import DistributedDataParallel as DDP


class Net(nn.Module):
    def __init__(self, ngpu):
        super().__init__()
        self.ngpu = ngpu
        self.main = nn.Sequential(nn.Linear(10, 3), nn.Softmax(dim=1))

    def forward(self, x):
        if x.is_cuda and self.ngpu > 1:
            return nn.parallel.data_parallel(self.main, x, range(self.ngpu))
        return self.main(x)


class Trainer:
    def __init__(self, model, loader, optimizer, gpu):
        self.model = DDP(model, device_ids=[gpu])
        self.loader, self.optimizer = loader, optimizer

    def run(self):
        for x, y in self.loader:
            self.optimizer.zero_grad()
            loss = F.cross_entropy(self.model(x), y)  # error: softmax-before-cross-entropy
            loss.backward()
            self.optimizer.step()
        torch.save(self.model.module.state_dict(), "model.pt")


net = Net(2)
Trainer(net, loader, torch.optim.SGD(net.parameters(), lr=0.1), 0).run()
