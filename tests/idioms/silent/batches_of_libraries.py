import torch
from torch import nn
from torch.utils.data import DataLoader


def train_one_epoch(model, loader, optimizer, device, scaler=None, prefetch=None):
    model.train()
    model.to(device)
    for batch in loader:
        batch = {k: v.to(device, non_blocking=True) for k, v in batch.items()}
        loss = model(**batch).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for images, targets in loader:
        images = list(image.to(device) for image in images)
        targets = [{k: v.to(device) for k, v in t.items()} for t in targets]
        losses = sum(loss for loss in model(images, targets).values())
        optimizer.zero_grad()
        losses.backward()
        optimizer.step()
    for text, lengths, labels in loader:
        text, labels = text.cuda(), labels.cuda()
        out = model(text, lengths)
        nn.functional.cross_entropy(out, labels).backward()
        optimizer.step()
        optimizer.zero_grad()


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(10, 8)
        self.rnn = nn.GRU(8, 8, batch_first=True)
        self.head = nn.Linear(8, 2)

    def forward(self, lengths, tokens):
        x = self.emb(tokens)
        x = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
        _, h = self.rnn(x)
        return self.head(h[-1])


def fit(loader):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = Classifier().to(device)
    for lengths, tokens, y in loader:
        tokens, y = tokens.to(device), y.to(device)
        nn.functional.cross_entropy(net(lengths, tokens), y).backward()
