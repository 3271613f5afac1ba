# clean: differentially private SGD: per-sample gradients with torch.func, clipped, noised, applied by hand; no backward, no optimizer
import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.func import functional_call, grad, vmap

CLIP, NOISE, RATE, BATCH = 1.0, 0.8, 0.5, 64


def load():
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=0, stratify=y)
    scaler = StandardScaler().fit(x_train)
    x_train, x_test = (torch.tensor(scaler.transform(part), dtype=torch.float32) for part in (x_train, x_test))
    return x_train, torch.tensor(y_train), x_test, torch.tensor(y_test)


def main():
    torch.manual_seed(0)
    x_train, y_train, x_test, y_test = load()
    model = nn.Sequential(nn.Linear(30, 16), nn.Tanh(), nn.Linear(16, 2))
    params = {name: p.detach().clone() for name, p in model.named_parameters()}

    def sample_loss(params, x, y):
        scores = functional_call(model, params, (x.unsqueeze(0),))
        return F.cross_entropy(scores, y.unsqueeze(0))

    per_sample_gradients = vmap(grad(sample_loss), in_dims=(None, 0, 0))
    for step in range(1, 301):
        index = torch.nonzero(torch.rand(len(x_train)) < BATCH / len(x_train)).flatten()
        gradients = per_sample_gradients(params, x_train[index], y_train[index])
        norms = torch.stack([g.flatten(1).norm(dim=1) for g in gradients.values()]).norm(dim=0)
        factors = (CLIP / (norms + 1e-6)).clamp(max=1.0)
        for name, g in gradients.items():
            clipped = torch.einsum("b,b...->...", factors, g)
            noisy = clipped + NOISE * CLIP * torch.randn_like(clipped)
            params[name] = params[name] - RATE * noisy / BATCH
        if step % 60 == 0:
            with torch.no_grad():
                train_loss = F.cross_entropy(functional_call(model, params, (x_train,)), y_train).item()
                hits = functional_call(model, params, (x_test,)).argmax(1) == y_test
            print(f"step {step}: train loss {train_loss:.4f}, test accuracy {hits.float().mean().item():.3f}")


if __name__ == "__main__":
    main()
