# bug: encoder.forward(x) is called instead of encoder(x): the hook that collects the codes for the penalty never runs
# style: activation penalty through a forward hook
# codes: LR406
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


class Recorder:
    """Keeps what a module returned in the last forward pass."""

    def __init__(self, module):
        self.outputs = []
        module.register_forward_hook(self.hook)

    def hook(self, _module, _inputs, output):
        self.outputs.append(output)

    def penalty(self):
        total = torch.zeros(())
        for output in self.outputs:
            total = total + output.abs().mean()
        self.outputs.clear()
        return total


class SparseAutoencoder(nn.Module):
    def __init__(self, code=40):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, code), nn.ReLU())
        self.decoder = nn.Linear(code, 64)

    def forward(self, x):
        code = self.encoder.forward(x)
        return self.decoder(code)


def train(model, images, sparsity, epochs=15):
    recorder = Recorder(model.encoder)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(1, epochs + 1):
        model.train()
        errors, penalties = [], []
        for batch in images[torch.randperm(len(images))].split(64):
            error = F.mse_loss(model(batch), batch)
            penalty = recorder.penalty()
            optimizer.zero_grad()
            (error + sparsity * penalty).backward()
            optimizer.step()
            errors.append(error.item())
            penalties.append(penalty.item())
        if epoch % 5 == 0:
            print(
                f"epoch {epoch}: error {sum(errors) / len(errors):.4f}, penalty {sum(penalties) / len(penalties):.4f}"
            )


torch.manual_seed(0)
images = torch.tensor(load_digits().data / 16, dtype=torch.float32)
images = images[torch.randperm(len(images))]
model = SparseAutoencoder()
train(model, images[:1400], sparsity=0.1)
model.eval()
with torch.no_grad():
    codes = model.encoder(images[1400:])
    error = F.mse_loss(model(images[1400:]), images[1400:]).item()
print(f"test error {error:.4f}, active code units {(codes > 1e-3).float().mean().item():.3f}")
