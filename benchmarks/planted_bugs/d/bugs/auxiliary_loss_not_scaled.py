# bug: of two losses only the first is scaled; the scaler divides the gradients of the second by its scale as well
# style: bfloat16 autocast, two heads on a convolution over time, Trainer dataclass
# codes: LR312
from dataclasses import dataclass, field

import torch
from torch import nn


def waves(count):
    """Noisy sine waves, their frequencies and their amplitudes."""
    frequency = torch.rand(count, 1) * 3 + 1
    amplitude = torch.rand(count, 1) + 0.5
    phase = torch.rand(count, 1) * 6.28
    t = torch.linspace(0, 6.28, 48)
    signal = amplitude * torch.sin(frequency * t + phase) + 0.1 * torch.randn(count, 48)
    return signal.unsqueeze(1), frequency - 2.5, 3 * (amplitude - 1)


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv1d(1, 16, 7, padding=3),
            nn.ReLU(),
            nn.AvgPool1d(2),
            nn.Conv1d(16, 16, 5, padding=2),
            nn.ReLU(),
            nn.AvgPool1d(4),
        )
        self.frequency = nn.Linear(96, 1)
        self.amplitude = nn.Linear(96, 1)

    def forward(self, x):
        features = self.trunk(x).flatten(1)
        return self.frequency(features), self.amplitude(features)


@dataclass
class Trainer:
    model: nn.Module
    lr: float = 0.03
    batch_size: int = 32
    history: list = field(default_factory=list)

    def __post_init__(self):
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=self.lr, momentum=0.9)
        self.scaler = torch.amp.GradScaler("cpu")
        self.criterion = nn.MSELoss()

    def step(self):
        x, frequency, amplitude = waves(self.batch_size)
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            guess_f, guess_a = self.model(x)
            loss_f = self.criterion(guess_f.float(), frequency)
            loss_a = self.criterion(guess_a.float(), amplitude)
        self.scaler.scale(loss_f).backward(retain_graph=True)
        loss_a.backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.history.append((loss_f.item(), loss_a.item()))

    def fit(self, steps):
        for step in range(1, steps + 1):
            self.step()
            if step % 100 == 0:
                loss_f, loss_a = torch.tensor(self.history[-100:]).mean(0).tolist()
                print(f"step {step}: frequency {loss_f:.4f}, amplitude {loss_a:.4f}")


torch.manual_seed(0)
Trainer(TwoHeads()).fit(500)
