# bug: scores of shape (N, 1) times labels of shape (N,) give an N x N hinge
# style: machine-learning course exercise, support vector machine in primal form, SGD with momentum
# codes: LR117
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(3)


def load():
    data = load_breast_cancer()
    labels = 2 * data.target - 1  # -1 or +1
    x_train, x_test, y_train, y_test = train_test_split(
        data.data, labels, test_size=0.3, random_state=3, stratify=labels
    )
    scaler = StandardScaler().fit(x_train)
    as_tensor = lambda a: torch.as_tensor(a, dtype=torch.float32)  # noqa: E731
    return (
        as_tensor(scaler.transform(x_train)),
        as_tensor(y_train),
        as_tensor(scaler.transform(x_test)),
        as_tensor(y_test),
    )


class LinearSVM(nn.Module):
    """Linear SVM: w.x + b"""

    def __init__(self, n_features):
        super().__init__()
        self.fc = nn.Linear(n_features, 1)

    def forward(self, x):
        return self.fc(x)


def hinge_loss(scores, labels):
    return torch.clamp(1 - labels * scores, min=0).mean()


def accuracy(model, x, y):
    with torch.no_grad():
        return (model(x).squeeze(1).sign() == y).float().mean().item()


def main():
    x_train, y_train, x_test, y_test = load()
    model = LinearSVM(x_train.shape[1])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    c = 1e-3
    n, batch_size = len(x_train), 32

    for epoch in range(30):
        perm = torch.randperm(n)
        sum_loss = 0.0
        for i in range(0, n, batch_size):
            index = perm[i : i + batch_size]
            x, y = x_train[index], y_train[index]
            optimizer.zero_grad()
            output = model(x)
            weight = model.fc.weight.squeeze()
            loss = hinge_loss(output, y) + c * (weight @ weight) / 2
            loss.backward()
            optimizer.step()
            sum_loss += loss.item() * len(index)
        if epoch % 5 == 4:
            print(f"Epoch {epoch + 1:3d}, loss {sum_loss / n:.4f}, test accuracy {accuracy(model, x_test, y_test):.3f}")


if __name__ == "__main__":
    main()
