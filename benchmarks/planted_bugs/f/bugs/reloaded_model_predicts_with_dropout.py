# bug: the model built anew for inference gets the saved weights but never eval(): dropout and BatchNorm stay active
# style: engineer's two-stage script, train() writes a checkpoint, predict() loads it and writes the submission
# codes: LR205
import io
import random

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def seed_everything(seed):
    random.seed(seed)
    torch.manual_seed(seed)


def build_model():
    return nn.Sequential(
        nn.Unflatten(1, (1, 8)),
        nn.Conv2d(1, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout2d(0.3),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
    )


def get_data():
    digits = load_digits()
    images = torch.tensor(digits.images / 16, dtype=torch.float32)
    labels = torch.tensor(digits.target)
    train_idx, test_idx = train_test_split(range(len(labels)), test_size=0.3, stratify=labels, random_state=0)
    train = TensorDataset(images[train_idx], labels[train_idx])
    test = TensorDataset(images[test_idx], labels[test_idx])
    return train, test


def train(train_set, checkpoint, epochs=8):
    model = build_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.CrossEntropyLoss()
    loader = DataLoader(train_set, batch_size=64, shuffle=True)
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for images, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        print(f"epoch {epoch + 1}: training loss {total / len(train_set):.4f}")
    torch.save({"model": model.state_dict(), "epoch": epochs}, checkpoint)


def predict(test_set, checkpoint):
    checkpoint.seek(0)
    model = build_model()
    model.load_state_dict(torch.load(checkpoint, weights_only=True)["model"])
    predictions = []
    with torch.no_grad():
        for images, _ in DataLoader(test_set, batch_size=8):
            predictions.append(model(images).argmax(dim=1))
    return torch.cat(predictions)


if __name__ == "__main__":
    seed_everything(2023)
    train_set, test_set = get_data()
    file = io.BytesIO()
    train(train_set, file)
    submission = predict(test_set, file)
    accuracy = (submission == test_set.tensors[1]).float().mean().item()
    print(f"submission of {len(submission)} rows, accuracy {accuracy:.4f}")
