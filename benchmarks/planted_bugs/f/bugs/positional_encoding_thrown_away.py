# bug: the result of the positional encoding is thrown away: the encoder does not know the order of the tokens
# style: transformer tutorial (PositionalEncoding module, sqrt(d_model) scaling), classification of event logs
# codes: LR422
import math

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

VOCAB, LENGTH = 12, 10
ntoken, d_model, nhead, d_hid, nlayers, dropout = VOCAB, 32, 4, 64, 2, 0.1


class PositionalEncoding(nn.Module):
    def __init__(self, d_model: int, dropout: float = 0.1, max_len: int = 100):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(1, max_len, d_model)
        pe[0, :, 0::2] = torch.sin(position * div_term)
        pe[0, :, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.pe[:, : x.size(1)]
        return self.dropout(x)


class EventTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(ntoken, d_model)
        self.pos_encoder = PositionalEncoding(d_model, dropout)
        encoder_layers = nn.TransformerEncoderLayer(d_model, nhead, d_hid, dropout, batch_first=True)
        self.transformer_encoder = nn.TransformerEncoder(encoder_layers, nlayers)
        self.linear = nn.Linear(d_model, 2)

    def forward(self, src: Tensor) -> Tensor:
        src = self.embedding(src) * math.sqrt(d_model)
        self.pos_encoder(src)
        output = self.transformer_encoder(src)
        return self.linear(output.mean(dim=1))


def event_logs(n: int, seed: int) -> TensorDataset:
    """Every log holds event 0 and event 1 once; the class says which of them came first."""
    g = torch.Generator().manual_seed(seed)
    logs = torch.randint(2, VOCAB, (n, LENGTH), generator=g)
    places = torch.rand(n, LENGTH, generator=g).argsort(dim=1)[:, :2]
    logs.scatter_(1, places, torch.tensor([0, 1]).expand(n, 2))
    return TensorDataset(logs, (places[:, 0] < places[:, 1]).long())


def train(model: nn.Module, loader: DataLoader, criterion: nn.Module, optimizer: torch.optim.Optimizer) -> float:
    model.train()
    total_loss = 0.0
    for data, targets in loader:
        output = model(data)
        loss = criterion(output, targets)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        total_loss += loss.item()
    return total_loss / len(loader)


def evaluate(model: nn.Module, loader: DataLoader) -> float:
    model.eval()
    hits = 0
    with torch.no_grad():
        for data, targets in loader:
            hits += (model(data).argmax(dim=1) == targets).sum().item()
    return hits / len(loader.dataset)


if __name__ == "__main__":
    torch.manual_seed(0)
    train_loader = DataLoader(event_logs(1600, seed=1), batch_size=64, shuffle=True)
    test_loader = DataLoader(event_logs(400, seed=2), batch_size=200)
    model = EventTransformer()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(1, 9):
        loss = train(model, train_loader, criterion, optimizer)
        print(f"| epoch {epoch} | loss {loss:5.3f} | test accuracy {evaluate(model, test_loader):.3f}")
