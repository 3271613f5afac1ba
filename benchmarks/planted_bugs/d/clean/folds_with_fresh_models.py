# clean: cross-validation with a new model, optimizer, scaler and scheduler per fold; the prediction of each row is kept once
import numpy as np
import torch
from sklearn.datasets import load_wine
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def build_model():
    return nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 3))


def train_fold(x, y, epochs=25):
    model = build_model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=1e-2)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.3)
    loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
    criterion = nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
        scheduler.step()
    return model


def predict(model, x):
    model.eval()
    with torch.no_grad():
        return model(x).argmax(dim=1).numpy()


def main():
    torch.manual_seed(0)
    x, y = load_wine(return_X_y=True)
    predictions = np.empty_like(y)
    folds = StratifiedKFold(n_splits=6, shuffle=True, random_state=1)
    for number, (train_rows, test_rows) in enumerate(folds.split(x, y), start=1):
        scaler = StandardScaler().fit(x[train_rows])
        x_train = torch.tensor(scaler.transform(x[train_rows]), dtype=torch.float32)
        x_test = torch.tensor(scaler.transform(x[test_rows]), dtype=torch.float32)
        model = train_fold(x_train, torch.tensor(y[train_rows]))
        predictions[test_rows] = predict(model, x_test)
        print(f"fold {number}: accuracy {(predictions[test_rows] == y[test_rows]).mean():.3f}")
    print(f"all rows: accuracy {(predictions == y).mean():.3f}")
    print(confusion_matrix(y, predictions))


if __name__ == "__main__":
    main()
