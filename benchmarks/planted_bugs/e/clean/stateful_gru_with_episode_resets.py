# clean: stateful GRU over long recordings: the state is detached after every chunk and reset where a recording ends
# style: truncated backpropagation through time, contiguous streams in the batch dimension, no shuffling on purpose
# tempts: LR328 (state carried over batches), LR212 (no shuffling), LR709, LR308
import torch
from torch import nn

STREAMS = 24
CHUNK = 15
LENGTH = 60 * CHUNK
EPOCHS = 5


def record(generator):
    """A noisy input; the target is the running balance, which is reset at random moments marked in the second channel."""
    noise = torch.randn(STREAMS, LENGTH, generator=generator)
    reset = torch.rand(STREAMS, LENGTH, generator=generator) < 0.02
    balance, targets = torch.zeros(STREAMS), []
    for t in range(LENGTH):
        balance = torch.where(reset[:, t], torch.zeros_like(balance), balance)
        balance = 0.9 * balance + 0.3 * noise[:, t]
        targets.append(balance)
    return torch.stack([noise, reset.float()], dim=2), torch.stack(targets, dim=1)


class StatefulGRU(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.cell = nn.GRUCell(2, hidden)
        self.head = nn.Linear(hidden, 1)

    def forward(self, chunk, state):
        outputs = []
        for t in range(chunk.size(1)):
            keep = 1 - chunk[:, t, 1:2]
            state = self.cell(chunk[:, t], state * keep)
            outputs.append(self.head(state).squeeze(1))
        return torch.stack(outputs, dim=1), state

    def initial_state(self):
        return torch.zeros(STREAMS, self.cell.hidden_size)


def chunks(inputs, targets):
    for start in range(0, LENGTH, CHUNK):
        yield inputs[:, start : start + CHUNK], targets[:, start : start + CHUNK]


def run(model, inputs, targets, optimizer=None):
    model.train(optimizer is not None)
    state = model.initial_state()
    squared, count = 0.0, 0
    with torch.set_grad_enabled(optimizer is not None):
        for x, y in chunks(inputs, targets):
            predicted, state = model(x, state)
            loss = nn.functional.mse_loss(predicted, y)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                state = state.detach()
            squared += loss.item() * y.numel()
            count += y.numel()
    return squared / count


def main():
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(4)
    train_data, test_data = record(generator), record(generator)
    model = StatefulGRU()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    variance = test_data[1].var().item()
    for epoch in range(EPOCHS):
        train_mse = run(model, *train_data, optimizer)
        test_mse = run(model, *test_data)
        print(
            f"epoch {epoch + 1}: train mse {train_mse:.4f}, test mse {test_mse:.4f}, explained {1 - test_mse / variance:.3f}"
        )


if __name__ == "__main__":
    main()
