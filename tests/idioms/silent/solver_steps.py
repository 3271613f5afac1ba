"""A solver calls a module until the time is over, and looks at its own tables: nothing is evaluated."""

# not: evaluation-in-training-mode
# not: evaluation-with-gradients
import torch
from torch import nn

SOLUTION = torch.tensor([0.5, 0.5])
LAST = torch.tensor([0.5, 0.5])


def advance(dynamics, state, end):
    time = torch.zeros(())
    while time < end:
        first = dynamics(state)
        second = first if (SOLUTION == LAST).all() else dynamics(state + 0.1 * first)
        state = state + 0.05 * (first + second)
        time = time + 0.1
    return state


dynamics = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
print(advance(dynamics, torch.ones(2), 1.0))
