# style: DQN with a target network that is never in an optimizer, shapes made equal by squeeze(1)
import random
from collections import deque

import torch
from torch import nn

random.seed(0)
torch.manual_seed(0)
SIZE, ACTIONS, GAMMA = 4, 4, 0.9
MOVES = ((0, 1), (0, -1), (1, 0), (-1, 0))


class Grid:
    def reset(self):
        self.x, self.y, self.t = random.randrange(SIZE), random.randrange(SIZE), 0
        return self.state()

    def state(self):
        cell = torch.zeros(SIZE * SIZE)
        cell[self.x * SIZE + self.y] = 1.0
        return cell

    def step(self, action):
        dx, dy = MOVES[action]
        self.x, self.y = min(max(self.x + dx, 0), SIZE - 1), min(max(self.y + dy, 0), SIZE - 1)
        self.t += 1
        goal = self.x == self.y == SIZE - 1
        return self.state(), (1.0 if goal else -0.05), goal


def q_network():
    return nn.Sequential(nn.Linear(SIZE * SIZE, 48), nn.ReLU(), nn.Linear(48, ACTIONS))


online, target = q_network(), q_network()
target.load_state_dict(online.state_dict())
for p in target.parameters():
    p.requires_grad = False
optimizer = torch.optim.Adam(online.parameters(), lr=3e-3)
memory, lengths, updates = deque(maxlen=5000), [], 0


def learn():
    state, action, reward, following, goal = zip(*random.sample(memory, 48))
    q = online(torch.stack(state)).gather(1, torch.tensor(action).unsqueeze(1)).squeeze(1)
    with torch.no_grad():
        ahead = target(torch.stack(following)).max(dim=1).values
        wanted = torch.tensor(reward) + GAMMA * ahead * (1 - torch.tensor(goal, dtype=torch.float32))
    loss = nn.functional.smooth_l1_loss(q, wanted)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(online.parameters(), 1.0)
    optimizer.step()


grid = Grid()
for episode in range(1, 151):
    state, goal = grid.reset(), False
    while not goal and grid.t < 30:
        with torch.no_grad():
            greedy = online(state).argmax().item()
        action = random.randrange(ACTIONS) if random.random() < max(0.05, 1 - episode / 60) else greedy
        following, reward, goal = grid.step(action)
        memory.append((state, action, reward, following, goal))
        state = following
        if len(memory) >= 200:
            learn()
            updates += 1
            if updates % 50 == 0:
                target.load_state_dict(online.state_dict())
    lengths.append(grid.t)
    if episode % 50 == 0:
        print(f"episode {episode}: {sum(lengths[-50:]) / 50:.1f} steps to the goal")
