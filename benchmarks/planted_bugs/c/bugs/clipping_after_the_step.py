# bug: the gradients are clipped after the optimizer has already used them
# style: LSTM that adds numbers, Trainer with a step method, plain SGD
# codes: LR311
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_


def adding_problem(count, length=8):
    values = torch.rand(count, length)
    marks = torch.zeros(count, length)
    places = torch.stack([torch.randperm(length)[:2] for _ in range(count)])
    marks.scatter_(1, places, 1.0)
    return torch.stack((values, marks), -1), (values * marks).sum(1, keepdim=True)


class Adder(nn.Module):
    def __init__(self, width=24):
        super().__init__()
        self.lstm = nn.LSTM(2, width, batch_first=True)
        self.out = nn.Linear(width, 1)

    def forward(self, sequence):
        _, (hidden, _) = self.lstm(sequence)
        return self.out(hidden[-1])


class Trainer:
    def __init__(self, model, rate=0.1, largest=0.5):
        self.model, self.largest = model, largest
        self.optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
        self.seen = []

    def step(self, sequence, total):
        self.model.train()
        self.optimizer.zero_grad()
        loss = nn.functional.mse_loss(self.model(sequence), total)
        loss.backward()
        self.optimizer.step()
        self.seen.append(clip_grad_norm_(self.model.parameters(), self.largest).item())
        return loss.item()

    @torch.no_grad()
    def test(self, sequence, total):
        self.model.eval()
        return nn.functional.mse_loss(self.model(sequence), total).item()


torch.manual_seed(0)
trainer = Trainer(Adder())
held_out = adding_problem(300)
for step in range(1, 301):
    trainer.step(*adding_problem(48))
    if step % 60 == 0:
        above = sum(n > trainer.largest for n in trainer.seen[-60:])
        print(f"step {step}: test {trainer.test(*held_out):.4f}, {above} of 60 gradients were too large")
