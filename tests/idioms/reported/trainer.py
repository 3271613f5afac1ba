import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n, 8), nn.ReLU())
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = self.body(x)
        return F.softmax(self.head(x), dim=-1)


class Trainer:
    def __init__(self, model, lr=0.1):
        self.model = model
        self.criterion = nn.CrossEntropyLoss()
        self.opt = torch.optim.SGD(self.model.parameters(), lr=lr)

    def fit(self, loader, epochs):
        for e in range(epochs):
            for batch in loader:
                self.step(batch)

    def step(self, batch):
        x, y = batch
        self.opt.zero_grad()
        out = self.model(x)
        loss = self.criterion(out, y)  # error: softmax-before-cross-entropy
        loss.backward()
        self.opt.step()


def main(args):
    model = nn.DataParallel(Net(4)).to("cpu")
    Trainer(model).fit(args.loader, 3)


if __name__ == "__main__":
    import argparse

    p = argparse.ArgumentParser()
    main(p.parse_args())
