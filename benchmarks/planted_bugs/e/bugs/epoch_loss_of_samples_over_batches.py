# bug: batch losses are multiplied by the batch size and then divided by the number of batches
# style: transfer-learning tutorial's train_model with phases and a dataloaders dict
# codes: LR204
import copy
import time

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn, optim
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, TensorDataset


def train_model(model, dataloaders, dataset_sizes, criterion, optimizer, scheduler, num_epochs):
    since = time.time()
    best_acc, best_weights = 0.0, copy.deepcopy(model.state_dict())
    for epoch in range(num_epochs):
        for phase in ["train", "val"]:
            if phase == "train":
                model.train()
            else:
                model.eval()

            running_loss = 0.0
            running_corrects = 0
            for inputs, labels in dataloaders[phase]:
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    outputs = model(inputs)
                    preds = torch.argmax(outputs, 1)
                    loss = criterion(outputs, labels)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
                running_loss += loss.item() * inputs.size(0)
                running_corrects += torch.sum(preds == labels).item()
            if phase == "train":
                scheduler.step()

            epoch_loss = running_loss / len(dataloaders[phase])
            epoch_acc = running_corrects / dataset_sizes[phase]
            if epoch % 5 == 4:
                print(f"Epoch {epoch + 1}/{num_epochs} {phase} Loss: {epoch_loss:.4f} Acc: {epoch_acc:.4f}")
            if phase == "val" and epoch_acc > best_acc:
                best_acc = epoch_acc
                best_weights = copy.deepcopy(model.state_dict())
    elapsed = time.time() - since
    print(f"Training complete in {elapsed:.0f}s, best val Acc: {best_acc:.4f}")
    model.load_state_dict(best_weights)
    return model


def main():
    torch.manual_seed(4)
    wine = load_wine()
    X_train, X_val, y_train, y_val = train_test_split(
        wine.data, wine.target, test_size=0.3, stratify=wine.target, random_state=4
    )
    scaler = StandardScaler().fit(X_train)
    datasets = {
        "train": TensorDataset(torch.tensor(scaler.transform(X_train)).float(), torch.tensor(y_train)),
        "val": TensorDataset(torch.tensor(scaler.transform(X_val)).float(), torch.tensor(y_val)),
    }
    dataloaders = {phase: DataLoader(ds, batch_size=16, shuffle=phase == "train") for phase, ds in datasets.items()}
    dataset_sizes = {phase: len(ds) for phase, ds in datasets.items()}

    model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 3))
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    scheduler = lr_scheduler.StepLR(optimizer, step_size=15, gamma=0.1)
    train_model(model, dataloaders, dataset_sizes, criterion, optimizer, scheduler, num_epochs=30)


main()
