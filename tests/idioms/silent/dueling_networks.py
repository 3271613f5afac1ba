"""One value of a state and the advantages of its actions are added: as many scores as there are actions."""

import torch
import torch.nn.functional as F
from torch import nn


class Dueling(nn.Module):
    def __init__(self, inputs, hidden, actions):
        super().__init__()
        self.value = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, 1))
        self.advantage = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, actions))

    def forward(self, state):
        value = self.value(state)
        advantage = self.advantage(state)
        return value + advantage


class Player:
    def __init__(self, inputs, actions):
        self.net = Dueling(inputs, 64, actions)
        self.target = Dueling(inputs, 64, actions)
        self.optimizer = torch.optim.Adam(self.net.parameters())

    def learn(self, states, actions, rewards, following):
        scores = self.net(states).gather(1, actions)
        with torch.no_grad():
            best = self.target(following).max(dim=1).values
        loss = F.mse_loss(scores, (rewards + 0.9 * best).unsqueeze(1))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
