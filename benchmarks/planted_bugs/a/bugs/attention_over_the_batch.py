# bug: nn.TransformerEncoderLayer without batch_first attends over the samples of the batch
# style: transformer block
# codes: LR514, LR709
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
VOCAB, LENGTH, CLASSES = 16, 10, 4


class TinyTransformer(nn.Module):
    def __init__(self, d_model=32):
        super().__init__()
        self.token = nn.Embedding(VOCAB, d_model)
        self.position = nn.Parameter(torch.randn(1, LENGTH, d_model) * 0.02)
        layer = nn.TransformerEncoderLayer(d_model, nhead=4, dim_feedforward=64, dropout=0.0)
        self.encoder = nn.TransformerEncoder(layer, num_layers=1, enable_nested_tensor=False)
        self.head = nn.Linear(d_model, CLASSES)

    def forward(self, ids):
        hidden = self.encoder(self.token(ids) + self.position)
        return self.head(hidden.mean(dim=1))


ids = torch.randint(0, VOCAB, (1200, LENGTH))
target = (ids[:, 0] % 2) * 2 + (ids[:, 1] % 2)
loader = DataLoader(TensorDataset(ids, target), batch_size=40, shuffle=True)
model = TinyTransformer()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(8):
    model.train()
    total = 0.0
    for batch, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(batch), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / len(loader):.3f}")
