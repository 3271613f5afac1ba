# bug: only the mixed-precision branch steps the optimizer; with use_amp = False the parameters never change
# style: research code with an amp switch in its config, train_one_epoch function, MetricLogger
# codes: LR303 LR704
from collections import defaultdict
from types import SimpleNamespace

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import RobustScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

config = SimpleNamespace(
    lr=1e-3, weight_decay=1e-4, epochs=10, batch_size=32, use_amp=False, clip_norm=5.0, hidden=(64, 32), seed=17
)


class MetricLogger:
    def __init__(self):
        self.values = defaultdict(list)

    def update(self, **kwargs):
        for key, value in kwargs.items():
            self.values[key].append(value)

    def __str__(self):
        return "  ".join(f"{key}: {sum(v) / len(v):.4f}" for key, v in self.values.items())


def build_model(n_features, hidden, n_classes):
    layers, width = [], n_features
    for h in hidden:
        layers += [nn.Linear(width, h), nn.LayerNorm(h), nn.SiLU()]
        width = h
    layers.append(nn.Linear(width, n_classes))
    return nn.Sequential(*layers)


def train_one_epoch(model, criterion, loader, optimizer, scaler, cfg):
    model.train()
    logger = MetricLogger()
    for inputs, targets in loader:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=cfg.use_amp):
            loss = criterion(model(inputs), targets)
        if cfg.use_amp:
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), cfg.clip_norm)
            scaler.step(optimizer)
            scaler.update()
        else:
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), cfg.clip_norm)
        logger.update(loss=loss.item(), lr=optimizer.param_groups[0]["lr"])
    return logger


@torch.no_grad()
def evaluate(model, criterion, loader):
    model.eval()
    logger = MetricLogger()
    for inputs, targets in loader:
        outputs = model(inputs)
        hits = (outputs.argmax(1) == targets).float().tolist()
        logger.update(loss=criterion(outputs, targets).item())
        for hit in hits:
            logger.update(acc=hit)
    return logger


def main(cfg):
    torch.manual_seed(cfg.seed)
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=cfg.seed)
    prep = RobustScaler().fit(X_train)
    train_set = TensorDataset(torch.tensor(prep.transform(X_train)).float(), torch.tensor(y_train))
    test_set = TensorDataset(torch.tensor(prep.transform(X_test)).float(), torch.tensor(y_test))
    train_loader = DataLoader(train_set, cfg.batch_size, shuffle=True)
    test_loader = DataLoader(test_set, 64)

    model = build_model(X.shape[1], cfg.hidden, 2)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
    scaler = torch.amp.GradScaler("cpu", enabled=cfg.use_amp)
    for epoch in range(cfg.epochs):
        train_stats = train_one_epoch(model, criterion, train_loader, optimizer, scaler, cfg)
        print(f"Epoch {epoch}  train {train_stats}  |  test {evaluate(model, criterion, test_loader)}")


if __name__ == "__main__":
    main(config)
