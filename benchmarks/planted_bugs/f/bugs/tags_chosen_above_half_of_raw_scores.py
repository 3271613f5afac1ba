# bug: the multi-label metrics compare raw scores with 0.5 although the model returns logits
# style: engine.py functions (train_fn, eval_fn), multi-label tagging of articles
# codes: LR209
import numpy as np
import torch
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import f1_score
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset

N_TAGS = 12


class ArticleDataset(Dataset):
    def __init__(self, features, tags):
        self.features = features
        self.tags = tags

    def __len__(self):
        return len(self.features)

    def __getitem__(self, item):
        return {
            "features": torch.tensor(self.features[item], dtype=torch.float),
            "tags": torch.tensor(self.tags[item], dtype=torch.float),
        }


class Tagger(nn.Module):
    def __init__(self, n_features, n_tags):
        super().__init__()
        self.base = nn.Sequential(nn.Linear(n_features, 48), nn.ReLU(), nn.Dropout(0.3))
        self.out = nn.Linear(48, n_tags)

    def forward(self, features):
        return self.out(self.base(features))


def loss_fn(outputs, targets):
    return nn.BCEWithLogitsLoss()(outputs, targets)


def train_fn(data_loader, model, optimizer):
    model.train()
    losses = []
    for d in data_loader:
        optimizer.zero_grad()
        outputs = model(d["features"])
        loss = loss_fn(outputs, d["tags"])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.mean(losses)


def eval_fn(data_loader, model):
    model.eval()
    fin_targets, fin_outputs = [], []
    with torch.no_grad():
        for d in data_loader:
            outputs = model(d["features"])
            fin_targets.extend(d["tags"].tolist())
            fin_outputs.extend((outputs > 0.5).int().tolist())
    return np.array(fin_outputs), np.array(fin_targets)


def run():
    torch.manual_seed(21)
    x, y = make_multilabel_classification(
        n_samples=1500, n_features=40, n_classes=N_TAGS, n_labels=2, length=60, random_state=21
    )
    x_train, x_valid = x[:1100], x[1100:]
    scaler = StandardScaler().fit(x_train)
    train_loader = DataLoader(ArticleDataset(scaler.transform(x_train), y[:1100]), batch_size=32, shuffle=True)
    valid_loader = DataLoader(ArticleDataset(scaler.transform(x_valid), y[1100:]), batch_size=64)

    model = Tagger(x.shape[1], N_TAGS)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    best_f1 = 0
    for epoch in range(8):
        loss = train_fn(train_loader, model, optimizer)
        outputs, targets = eval_fn(valid_loader, model)
        micro = f1_score(targets, outputs, average="micro", zero_division=0)
        macro = f1_score(targets, outputs, average="macro", zero_division=0)
        best_f1 = max(best_f1, micro)
        print(f"Epoch={epoch}, Loss={loss:.4f}, Micro F1={micro:.4f}, Macro F1={macro:.4f}")
    print(f"best micro F1 {best_f1:.4f}")


if __name__ == "__main__":
    run()
