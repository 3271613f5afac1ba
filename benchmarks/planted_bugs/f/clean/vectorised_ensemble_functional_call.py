# style: functional research code: five networks trained at once by vmap over stacked parameters, Adam on plain tensors
import torch
from sklearn.datasets import load_diabetes
from torch import nn
from torch.func import functional_call, stack_module_state, vmap

torch.manual_seed(1)
MEMBERS, EPOCHS, BATCH = 5, 32, 32

features, target = load_diabetes(return_X_y=True)
train, test = slice(0, 352), slice(352, None)
x = torch.tensor((features - features[train].mean(0)) / features[train].std(0), dtype=torch.float32)
y = torch.tensor((target - target[train].mean()) / target[train].std(), dtype=torch.float32).unsqueeze(1)


def member():
    return nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 1))


models = [member() for _ in range(MEMBERS)]
params, buffers = stack_module_state(models)
skeleton = member().to("meta")


def single(params, buffers, batch):
    return functional_call(skeleton, (params, buffers), (batch,))


optimizer = torch.optim.Adam(params.values(), lr=5e-3, weight_decay=1e-3)


def predict(batch):
    """Predictions of all members for a shared batch: (members, N, 1)."""
    return vmap(single, in_dims=(0, 0, None))(params, buffers, batch)


for epoch in range(EPOCHS):
    # every member sees its own bootstrap sample
    samples = torch.stack([torch.randint(352, (352,)) for _ in range(MEMBERS)])
    running = 0.0
    for index in samples.split(BATCH, dim=1):
        batch, wanted = x[train][index], y[train][index]
        outputs = vmap(single)(params, buffers, batch)
        loss = (outputs - wanted).pow(2).mean(dim=(1, 2)).sum()  # members are independent of each other
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() / MEMBERS * index.size(1)
    if epoch % 8 == 7:
        with torch.no_grad():
            outputs = predict(x[test])
            single_error = (outputs - y[test]).pow(2).mean().item()
            error = (outputs.mean(0) - y[test]).pow(2).mean().item()
        print(f"epoch {epoch + 1}: train {running / 352:.4f}, test single {single_error:.4f}, ensemble {error:.4f}")

with torch.no_grad():
    outputs = predict(x[test])
print(f"mean spread between members {outputs.std(0).mean():.4f}, variance of the target {y[test].var():.4f}")
