import torch
import torch.nn as nn
import torch.nn.functional as F


class R(nn.Module):
    def __init__(self, v, d, c):
        super().__init__()
        self.emb = nn.Embedding(v, d)
        self.lstm = nn.LSTM(d, d, batch_first=True)
        self.fc = nn.Linear(d, c)
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x):
        e = self.emb(x)
        out, (h, c) = self.lstm(e)
        return self.softmax(self.fc(h[-1]))


model = R(100, 8, 3)
criterion = torch.nn.CrossEntropyLoss()


def train_epoch(loader, opt):
    for text, label in loader:
        opt.zero_grad()
        loss = criterion(model(text), label)  # error: softmax-before-cross-entropy
        loss.backward()
        opt.step()
