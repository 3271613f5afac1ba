# clean: a GRU cell over one long stream, loss summed over ten steps, state detached after each backward
import torch
from torch import nn

STREAMS, SPAN = 16, 10


class Forecaster(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.cell = nn.GRUCell(1, hidden)
        self.out = nn.Linear(hidden, 1)
        self.hidden = hidden

    def initial(self, count):
        return torch.zeros(count, self.hidden)

    def forward(self, x, state):
        state = self.cell(x, state)
        return self.out(state), state


def oscillators(steps, seed):
    """Sums of two sines, each stream with its own phases; shape (steps, streams, 1)."""
    generator = torch.Generator().manual_seed(seed)
    t = torch.arange(steps, dtype=torch.float32).unsqueeze(1)
    phase = torch.rand(2, STREAMS, generator=generator) * 6.28
    signal = torch.sin(0.35 * t + phase[0]) + 0.5 * torch.sin(0.11 * t + phase[1])
    return (signal + 0.02 * torch.randn(steps, STREAMS, generator=generator)).unsqueeze(-1)


def train(model, series, passes):
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    for number in range(1, passes + 1):
        model.train()
        state = model.initial(STREAMS)
        loss, losses = torch.zeros(()), []
        for step in range(len(series) - 1):
            prediction, state = model(series[step], state)
            loss = loss + nn.functional.mse_loss(prediction, series[step + 1])
            if (step + 1) % SPAN == 0:
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                losses.append(loss.item() / SPAN)
                state, loss = state.detach(), torch.zeros(())
        print(f"pass {number}: mean squared error {sum(losses) / len(losses):.5f}")


@torch.no_grad()
def evaluate(model, series, warm_up=50):
    model.eval()
    state, errors = model.initial(STREAMS), []
    for step in range(len(series) - 1):
        prediction, state = model(series[step], state)
        if step >= warm_up:
            errors.append((prediction - series[step + 1]).pow(2).mean())
    return torch.stack(errors).mean().item()


if __name__ == "__main__":
    torch.manual_seed(0)
    model = Forecaster()
    train(model, oscillators(1201, seed=1), passes=5)
    unseen = oscillators(400, seed=2)
    print(f"unseen streams {evaluate(model, unseen):.5f}, variance {unseen.var().item():.3f}")
