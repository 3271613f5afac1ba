# bug: the moving average of the weights is computed with autograd on, so that it holds on to a graph that grows with every step
# style: dict of averages, evaluation with functional_call
# codes: LR305 LR206
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.func import functional_call

DECAY = 0.995


def network():
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 10))


def depth(tensor, limit=100_000):
    """Length of the history behind a tensor."""
    node, count = tensor.grad_fn, 0
    while node is not None and count < limit:
        count += 1
        node = next((parent for parent, _ in node.next_functions if parent is not None), None)
    return count


def score(model, weights, x, y):
    model.eval()
    with torch.no_grad():
        accuracy = (functional_call(model, weights, (x,)).argmax(1) == y).float().mean().item()
    model.train()
    return accuracy


def main():
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x / 16, y, test_size=0.25, random_state=0)
    x_train, x_test = (torch.tensor(part, dtype=torch.float32) for part in (x_train, x_test))
    y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
    model = network()
    average = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    model.train()
    for step in range(1, 1001):
        index = torch.randint(len(x_train), (24,))
        loss = nn.functional.cross_entropy(model(x_train[index]), y_train[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        for name, p in model.named_parameters():
            average[name] = DECAY * average[name] + (1 - DECAY) * p
        if step % 200 == 0:
            current = score(model, dict(model.named_parameters()), x_test, y_test)
            averaged = score(model, average, x_test, y_test)
            print(f"step {step}: loss {loss.item():.4f}, accuracy {current:.3f}, averaged {averaged:.3f}")
    print(f"operations remembered per average: {depth(average['0.weight'])}")


main()
