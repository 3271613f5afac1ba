# bug: the dataset draws its index with a generator seeded anew at every call: all samples are the same one
# style: custom Dataset (TrainCheck: stackoverflow-67180955, duplicate samples)
# codes: LR716, LR711, LR706
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset


class RandomDigits(Dataset):
    """Random digits, with a little noise as augmentation."""

    def __init__(self, seed=0):
        self.images, self.labels = load_digits(return_X_y=True)
        self.seed = seed

    def __len__(self):
        return 1024

    def __getitem__(self, index):
        rng = np.random.default_rng(self.seed)
        chosen = rng.integers(len(self.images))
        image = self.images[chosen] / 16 + 0.02 * rng.standard_normal(64)
        return torch.tensor(image, dtype=torch.float32), int(self.labels[chosen])


torch.manual_seed(0)
loader = DataLoader(RandomDigits(), batch_size=64)
model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(3):
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch}: loss {loss.item():.4f}")
