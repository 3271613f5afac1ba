# clean: five folds with fresh networks; their out-of-fold logits train a second-level network, tested on held-out data
# style: Kaggle stacking script, KFold, arrays of out-of-fold predictions, test predictions averaged over the folds
# tempts: LR310 (models and optimizers in a loop), LR713 (folds share samples), LR511, LR307
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

N_FOLDS = 5
N_CLASSES = 3
SEED = 20


def tensor_dataset(x, y):
    return TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(y))


def fit(model, x, y, epochs, lr, weight_decay=1e-4):
    loader = DataLoader(tensor_dataset(x, y), batch_size=64, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=weight_decay)
    criterion = nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    return model


def predict(model, x):
    model.eval()
    with torch.no_grad():
        return model(torch.tensor(x, dtype=torch.float32)).numpy()


def wide_net(n_in):
    return nn.Sequential(nn.Linear(n_in, 96), nn.ReLU(), nn.Dropout(0.3), nn.Linear(96, N_CLASSES))


def deep_net(n_in):
    return nn.Sequential(nn.Linear(n_in, 32), nn.GELU(), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, N_CLASSES))


def main():
    torch.manual_seed(SEED)
    x, y = make_classification(
        1800,
        20,
        n_informative=8,
        n_classes=N_CLASSES,
        n_clusters_per_class=2,
        flip_y=0.02,
        class_sep=1.2,
        random_state=SEED,
    )
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.25, stratify=y, random_state=SEED)
    builders = {"wide": wide_net, "deep": deep_net}
    oof = np.zeros((len(y_train), N_CLASSES * len(builders)), dtype="float32")
    test_part = np.zeros((len(y_test), N_CLASSES * len(builders)), dtype="float32")
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=SEED)
    for column, (name, build) in enumerate(builders.items()):
        place = slice(column * N_CLASSES, (column + 1) * N_CLASSES)
        for inside, outside in folds.split(x_train, y_train):
            scaler = StandardScaler().fit(x_train[inside])
            model = fit(build(x.shape[1]), scaler.transform(x_train[inside]), y_train[inside], epochs=10, lr=3e-3)
            oof[outside, place] = predict(model, scaler.transform(x_train[outside]))
            test_part[:, place] += predict(model, scaler.transform(x_test)) / N_FOLDS
        print(
            f"{name}: out-of-fold accuracy {(oof[:, place].argmax(1) == y_train).mean():.4f}, "
            f"test accuracy {(test_part[:, place].argmax(1) == y_test).mean():.4f}"
        )

    scaler = StandardScaler().fit(oof)
    stacker = nn.Linear(oof.shape[1], N_CLASSES)
    fit(stacker, scaler.transform(oof), y_train, epochs=15, lr=1e-2)
    stacked = predict(stacker, scaler.transform(test_part))
    print(f"stacked: test accuracy {(stacked.argmax(1) == y_test).mean():.4f}")


if __name__ == "__main__":
    main()
