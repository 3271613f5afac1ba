# clean: binary hidden units with a custom autograd.Function that passes the gradient straight through the sign
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn


class Sign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x >= 0, 1.0, -1.0)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * (x.abs() <= 1)


class BinaryLinear(nn.Linear):
    def forward(self, x):
        scale = self.weight.abs().mean(dim=1, keepdim=True).detach()
        return nn.functional.linear(x, scale * Sign.apply(self.weight), self.bias)


class BinaryNet(nn.Module):
    def __init__(self, hidden=256):
        super().__init__()
        self.first = nn.Linear(64, hidden, bias=False)
        self.norm1 = nn.BatchNorm1d(hidden)
        self.second = BinaryLinear(hidden, hidden, bias=False)
        self.norm2 = nn.BatchNorm1d(hidden)
        self.last = nn.Linear(hidden, 10)

    def forward(self, x):
        x = Sign.apply(self.norm1(self.first(x)))
        x = Sign.apply(self.norm2(self.second(x)))
        return self.last(x)


def main():
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x / 16, y, test_size=0.25, random_state=0, stratify=y)
    x_train, x_test = torch.tensor(x_train, dtype=torch.float32), torch.tensor(x_test, dtype=torch.float32)
    y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
    net = BinaryNet()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(15):
        net.train()
        total = 0.0
        for index in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            loss = criterion(net(x_train[index]), y_train[index])
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                net.second.weight.clamp_(-1, 1)
            total += loss.item() * len(index)
        if epoch % 5 == 4:
            net.eval()
            with torch.no_grad():
                accuracy = (net(x_test).argmax(1) == y_test).float().mean().item()
            print(f"epoch {epoch + 1}: loss {total / len(x_train):.4f}, test accuracy {accuracy:.3f}")


main()
