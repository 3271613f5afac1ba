# bug: the linear warm-up is defined over optimizer steps but its scheduler is stepped once per epoch: the rate never leaves the warm-up
# style: small transformer encoder for sequence classification, get_linear_schedule_with_warmup written by hand
# codes: LR309
import torch
from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 6
BATCH_SIZE = 32
SEQ_LEN = 16
VOCAB = 30


def get_linear_schedule_with_warmup(optimizer, num_warmup_steps, num_training_steps):
    def lr_lambda(current_step):
        if current_step < num_warmup_steps:
            return float(current_step + 1) / float(max(1, num_warmup_steps))
        remaining = num_training_steps - current_step
        return max(0.0, float(remaining) / float(max(1, num_training_steps - num_warmup_steps)))

    return LambdaLR(optimizer, lr_lambda)


class Classifier(nn.Module):
    def __init__(self, d_model=32, nhead=4, layers=2):
        super().__init__()
        self.tokens = nn.Embedding(VOCAB, d_model)
        self.positions = nn.Parameter(0.02 * torch.randn(SEQ_LEN, d_model))
        layer = nn.TransformerEncoderLayer(
            d_model, nhead, dim_feedforward=64, dropout=0.1, batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(d_model)
        self.head = nn.Linear(d_model, 3)

    def forward(self, ids):
        hidden = self.encoder(self.tokens(ids) + self.positions)
        return self.head(self.norm(hidden.mean(dim=1)))


def make_data(n, generator):
    """The class says which of three groups of tokens is the most frequent one."""
    ids = torch.randint(VOCAB, (n, SEQ_LEN), generator=generator)
    counts = torch.stack([((ids >= 10 * k) & (ids < 10 * (k + 1))).sum(dim=1) for k in range(3)], dim=1)
    return ids, counts.argmax(dim=1)


def evaluate(model, loader):
    model.eval()
    correct = total = 0
    with torch.no_grad():
        for ids, labels in loader:
            correct += (model(ids).argmax(dim=1) == labels).sum().item()
            total += labels.numel()
    return correct / total


def main():
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    train_loader = DataLoader(TensorDataset(*make_data(1600, generator)), batch_size=BATCH_SIZE, shuffle=True)
    valid_loader = DataLoader(TensorDataset(*make_data(500, generator)), batch_size=100)

    model = Classifier()
    optimizer = AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    total_steps = len(train_loader) * EPOCHS
    scheduler = get_linear_schedule_with_warmup(optimizer, int(0.1 * total_steps), total_steps)
    loss_fn = nn.CrossEntropyLoss()

    for epoch in range(EPOCHS):
        model.train()
        total_loss = 0.0
        for ids, labels in train_loader:
            model.zero_grad()
            loss = loss_fn(model(ids), labels)
            total_loss += loss.item()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        scheduler.step()
        print(
            f"======== Epoch {epoch + 1} / {EPOCHS} ========  average training loss: "
            f"{total_loss / len(train_loader):.3f}  accuracy: {evaluate(model, valid_loader):.3f}"
        )


if __name__ == "__main__":
    main()
