# bug: a classifier is fitted by the squared distance of its probabilities to one-hot rows
# style: torch.func, parameters in a dict, hand-written loss and momentum
# codes: LR108
import torch
from sklearn.datasets import load_digits
from torch.func import functional_call

torch.manual_seed(4)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
order = torch.randperm(len(X))
train, test = order[:1400], order[1400:]

skeleton = torch.nn.Sequential(torch.nn.Linear(64, 48), torch.nn.Tanh(), torch.nn.Linear(48, 10))
theta = {name: p.detach().clone().requires_grad_() for name, p in skeleton.named_parameters()}
velocity = {name: torch.zeros_like(p) for name, p in theta.items()}


def probabilities(theta, inputs):
    return functional_call(skeleton, theta, (inputs,)).softmax(dim=-1)


def distance(theta, inputs, classes):
    rows = torch.eye(10)[classes]
    return ((probabilities(theta, inputs) - rows) ** 2).mean()


def update(theta, velocity, gradients, rate=0.5, keep=0.9):
    with torch.no_grad():
        for (name, p), g in zip(theta.items(), gradients):
            velocity[name].mul_(keep).add_(g)
            p.sub_(rate * velocity[name])


for epoch in range(6):
    shuffled = train[torch.randperm(len(train))]
    parts = []
    for chosen in shuffled.split(56):
        value = distance(theta, X[chosen], y[chosen])
        value.backward()
        update(theta, velocity, [p.grad for p in theta.values()])
        for p in theta.values():
            p.grad = None
        parts.append(value.item())
    with torch.no_grad():
        right = (probabilities(theta, X[test]).argmax(-1) == y[test]).float().mean().item()
    print(f"{epoch}: distance {sum(parts) / len(parts):.4f}, test accuracy {right:.3f}")
