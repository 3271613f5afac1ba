# clean: TENT: at test time the norm layers adapt to shifted images by minimising the entropy of the predictions, in train mode
import copy

import torch
from sklearn.datasets import load_digits
from torch import nn


def network():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(512, 10),
    )


def corrupt(images):
    """Low contrast on a grey ground."""
    return 0.35 * images + 0.45 + 0.03 * torch.randn_like(images)


def train(model, x, y, epochs=8):
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(1, epochs + 1):
        model.train()
        total = 0.0
        for index in torch.randperm(len(x)).split(64):
            loss = nn.functional.cross_entropy(model(x[index]), y[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(index)
        if epoch % 4 == 0:
            print(f"epoch {epoch}: loss {total / len(x):.4f}")


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


def prepare_for_adaptation(model):
    model = copy.deepcopy(model).requires_grad_(False).train()
    affine = []
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.track_running_stats = False
            module.running_mean = module.running_var = None
            affine += [module.weight.requires_grad_(True), module.bias.requires_grad_(True)]
    return model, torch.optim.Adam(affine, lr=1e-3)


def adapt_and_predict(model, optimizer, batches):
    predictions = []
    for x in batches:
        scores = model(x)
        log_probability = scores.log_softmax(dim=1)
        entropy = -(log_probability.exp() * log_probability).sum(dim=1).mean()
        optimizer.zero_grad()
        entropy.backward()
        optimizer.step()
        predictions.append(scores.detach().argmax(dim=1))
    return torch.cat(predictions)


torch.manual_seed(0)
digits = load_digits()
order = torch.randperm(len(digits.target))
x = torch.tensor(digits.images, dtype=torch.float32)[order].unsqueeze(1) / 16
y = torch.tensor(digits.target)[order]
model = network()
train(model, x[:1197], y[:1197])
shifted = corrupt(x[1197:])
print(
    f"clean images {accuracy(model, x[1197:], y[1197:]):.3f}, shifted images {accuracy(model, shifted, y[1197:]):.3f}"
)
adapted, optimizer = prepare_for_adaptation(model)
predicted = adapt_and_predict(adapted, optimizer, shifted.split(100))
print(f"shifted images, adapted online {(predicted == y[1197:]).float().mean().item():.3f}")
