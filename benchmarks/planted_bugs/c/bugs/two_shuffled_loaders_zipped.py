# bug: images and labels come from two loaders that shuffle on their own: no label belongs to its image
# style: zip of loaders, checkpoint of the best state, tqdm-less notebook
# codes: LR711 LR705
import copy

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(0)
bunch = load_digits()
images = torch.as_tensor(bunch.data / 16, dtype=torch.float32)
labels = torch.as_tensor(bunch.target)

image_loader = DataLoader(images[:1200], batch_size=30, shuffle=True)
label_loader = DataLoader(labels[:1200], batch_size=30, shuffle=True)
valid_images, valid_labels = images[1200:1500], labels[1200:1500]
test_images, test_labels = images[1500:], labels[1500:]

clf = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
crit = nn.CrossEntropyLoss()
opt = torch.optim.Adam(clf.parameters(), lr=1e-3)


def hits(model, inputs, targets):
    model.eval()
    with torch.no_grad():
        return (model(inputs).argmax(1) == targets).sum().item()


best_score, best_state = -1, None
for epoch in range(6):
    clf.train()
    epoch_loss = 0.0
    for image_batch, label_batch in zip(image_loader, label_loader):
        opt.zero_grad()
        batch_loss = crit(clf(image_batch), label_batch)
        batch_loss.backward()
        opt.step()
        epoch_loss += batch_loss.item()
    score = hits(clf, valid_images, valid_labels) / len(valid_labels)
    if score > best_score:
        best_score, best_state = score, copy.deepcopy(clf.state_dict())
    print(f"epoch {epoch}: loss {epoch_loss / len(image_loader):.3f}, validation {score:.3f}")

clf.load_state_dict(best_state)
print("test:", hits(clf, test_images, test_labels) / len(test_labels))
