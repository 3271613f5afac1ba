# bug: clip_grad_norm_ stands behind optimizer.step(), where it changes nothing
# style: Lightning-like own classes (LightModule, Fitter with hooks), elman network on spiky series, SGD
# codes: LR311
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class LightModule(nn.Module):
    def training_step(self, batch):
        raise NotImplementedError

    def configure_optimizers(self):
        raise NotImplementedError


class SpikeForecaster(LightModule):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.RNN(1, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)
        self.criterion = nn.MSELoss()

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.head(out[:, -1])

    def training_step(self, batch):
        x, y = batch
        return self.criterion(self(x), y)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.05, momentum=0.9)


class Fitter:
    def __init__(self, max_epochs, gradient_clip_val=None):
        self.max_epochs = max_epochs
        self.gradient_clip_val = gradient_clip_val

    def fit(self, module, loader, val_loader):
        optimizer = module.configure_optimizers()
        for epoch in range(self.max_epochs):
            module.train()
            losses = []
            for batch in loader:
                optimizer.zero_grad()
                loss = module.training_step(batch)
                loss.backward()
                optimizer.step()
                if self.gradient_clip_val is not None:
                    nn.utils.clip_grad_norm_(module.parameters(), self.gradient_clip_val)
                losses.append(loss.item())
            val = self.validate(module, val_loader)
            print(
                f"epoch {epoch}: mean loss {sum(losses) / len(losses):.3f}, worst {max(losses):.3f}, validation {val:.3f}"
            )

    @torch.no_grad()
    def validate(self, module, loader):
        module.eval()
        sizes, losses = zip(*[(len(batch[0]), module.training_step(batch).item()) for batch in loader])
        return sum(s * v for s, v in zip(sizes, losses)) / sum(sizes)


def spiky_series(n, generator):
    noise = 0.1 * torch.randn(n, generator=generator)
    spikes = (torch.rand(n, generator=generator) < 0.01).float() * 60 * torch.rand(n, generator=generator)
    return torch.sin(torch.arange(n) * 0.3) + noise + spikes


def windows(series, length=20):
    parts = series.unfold(0, length + 1, 1)
    return TensorDataset(parts[:, :-1].unsqueeze(-1), parts[:, -1:])


if __name__ == "__main__":
    torch.manual_seed(17)
    generator = torch.Generator().manual_seed(17)
    train = DataLoader(windows(spiky_series(1500, generator)), batch_size=32, shuffle=True)
    val = DataLoader(windows(spiky_series(500, generator)), batch_size=128)
    Fitter(max_epochs=8, gradient_clip_val=0.5).fit(SpikeForecaster(), train, val)
