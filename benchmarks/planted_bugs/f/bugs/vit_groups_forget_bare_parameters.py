# bug: the groups for weight decay pick names that end in weight or bias: class token and positions are in no group
# style: research repository, small vision transformer, build_optimizer with decay and no-decay groups, ModelConfig
# codes: LR307
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class ModelConfig:
    image: int = 8
    patch: int = 2
    dim: int = 32
    depth: int = 2
    heads: int = 4
    classes: int = 4
    weight_decay: float = 0.05
    lr: float = 3e-3


class TinyViT(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        patches = (cfg.image // cfg.patch) ** 2
        self.patch_embed = nn.Conv2d(1, cfg.dim, cfg.patch, stride=cfg.patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, cfg.dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, patches + 1, cfg.dim))
        layer = nn.TransformerEncoderLayer(cfg.dim, cfg.heads, cfg.dim * 2, 0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, cfg.depth, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(cfg.dim)
        self.head = nn.Linear(cfg.dim, cfg.classes)

    def forward(self, x):
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], dim=1) + self.pos_embed
        return self.head(self.norm(self.encoder(x)[:, 0]))


def build_optimizer(model, cfg):
    decay, no_decay = [], []
    for name, param in model.named_parameters():
        if name.endswith("weight") and param.ndim > 1:
            decay.append(param)
        elif name.endswith("bias") or "norm" in name:
            no_decay.append(param)
    groups = [{"params": decay, "weight_decay": cfg.weight_decay}, {"params": no_decay, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=cfg.lr)


def quadrants(n, seed):
    """A bright blob in one of the four quadrants; the quadrant is the class."""
    g = torch.Generator().manual_seed(seed)
    labels = torch.randint(4, (n,), generator=g)
    images = 0.2 * torch.randn(n, 1, 8, 8, generator=g)
    for i, label in enumerate(labels.tolist()):
        row, column = torch.randint(0, 3, (2,), generator=g).tolist()
        row, column = row + 4 * (label // 2), column + 4 * (label % 2)
        images[i, 0, row : row + 2, column : column + 2] += 2.5
    return TensorDataset(images, labels)


def accuracy(model, loader):
    model.eval()
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in loader) / len(loader.dataset)


def main():
    torch.manual_seed(0)
    cfg = ModelConfig()
    model = TinyViT(cfg)
    optimizer = build_optimizer(model, cfg)
    train_loader = DataLoader(quadrants(640, 1), batch_size=32, shuffle=True)
    test_loader = DataLoader(quadrants(256, 2), batch_size=128)
    for epoch in range(11):
        model.train()
        total = 0.0
        for x, y in train_loader:
            loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        print(
            f"epoch {epoch}: loss {total / len(train_loader.dataset):.4f}, accuracy {accuracy(model, test_loader):.3f}"
        )


if __name__ == "__main__":
    main()
