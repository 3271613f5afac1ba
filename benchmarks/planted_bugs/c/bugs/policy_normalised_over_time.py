# bug: log_softmax(dim=0) is right for the one state of acting, but for an episode it normalises over the time steps
# style: REINFORCE, catching a falling ball, base class for environments
# codes: LR115 LR709
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(0)
torch.manual_seed(0)


class Game:
    actions = 3

    def reset(self):
        raise NotImplementedError

    def act(self, action):
        raise NotImplementedError


class Catch(Game):
    width, height = 5, 6

    def reset(self):
        self.ball, self.row, self.paddle = random.randrange(self.width), 0, random.randrange(self.width)
        return self.view()

    def view(self):
        state = torch.zeros(2 * self.width + 1)
        state[self.ball] = state[self.width + self.paddle] = 1.0
        state[-1] = self.row / self.height
        return state

    def act(self, action):
        self.paddle = min(max(self.paddle + action - 1, 0), self.width - 1)
        self.row += 1
        done = self.row == self.height
        return self.view(), float(done and self.paddle == self.ball), done


class Policy(nn.Module):
    def __init__(self, size, actions):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(size, 32), nn.ReLU(), nn.Linear(32, actions))

    def forward(self, state):
        return F.log_softmax(self.net(state), dim=0)


game = Catch()
policy = Policy(2 * Catch.width + 1, game.actions)
optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
baseline, caught = 0.2, []
for episode in range(1, 801):
    state, done, states, chosen = game.reset(), False, [], []
    while not done:
        with torch.no_grad():
            action = torch.multinomial(policy(state).exp(), 1).item()
        states.append(state)
        chosen.append(action)
        state, reward, done = game.act(action)
    log_probabilities = policy(torch.stack(states)).gather(1, torch.tensor(chosen).unsqueeze(1))
    loss = -(reward - baseline) * log_probabilities.sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    baseline += 0.02 * (reward - baseline)
    caught.append(reward)
    if episode % 200 == 0:
        print(f"{episode}: caught {sum(caught[-200:]) / 200:.2f}")
