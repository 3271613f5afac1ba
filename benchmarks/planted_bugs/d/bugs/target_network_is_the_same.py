# bug: target_net = q_net copies nothing: the target network moves with every step
# style: deep Q-learning on a small grid, replay buffer
# codes: LR322
import random
from collections import deque

import torch
from torch import nn

SIZE, GOAL, HOLE = 5, (4, 4), (2, 2)
MOVES = [(0, 1), (0, -1), (1, 0), (-1, 0)]


class Grid:
    def reset(self):
        self.at, self.time = (0, 0), 0
        return self.state()

    def state(self):
        vector = torch.zeros(2 * SIZE)
        vector[self.at[0]] = vector[SIZE + self.at[1]] = 1.0
        return vector

    def step(self, action):
        row, col = self.at[0] + MOVES[action][0], self.at[1] + MOVES[action][1]
        self.at = (min(max(row, 0), SIZE - 1), min(max(col, 0), SIZE - 1))
        self.time += 1
        reward = 1.0 if self.at == GOAL else -1.0 if self.at == HOLE else -0.02
        return self.state(), reward, self.at in {GOAL, HOLE}, self.time >= 40


random.seed(0)
torch.manual_seed(0)
q_net = nn.Sequential(nn.Linear(2 * SIZE, 64), nn.ReLU(), nn.Linear(64, 4))
target_net = q_net
optimizer = torch.optim.Adam(q_net.parameters(), lr=5e-3)
buffer = deque(maxlen=3000)
env, gamma, returns, steps, errors = Grid(), 0.97, [], 0, []

for episode in range(120):
    state, done, late, total = env.reset(), False, False, 0.0
    epsilon = max(0.05, 1 - episode / 60)
    while not (done or late):
        if random.random() < epsilon:
            action = random.randrange(4)
        else:
            with torch.no_grad():
                action = q_net(state).argmax().item()
        following, reward, done, late = env.step(action)
        buffer.append((state, action, reward, following, float(done)))
        state, total, steps = following, total + reward, steps + 1
        if len(buffer) >= 64:
            batch = list(zip(*random.sample(buffer, 32), strict=True))
            states, next_states = torch.stack(batch[0]), torch.stack(batch[3])
            actions, rewards, ends = torch.tensor(batch[1]), torch.tensor(batch[2]), torch.tensor(batch[4])
            with torch.no_grad():
                target = rewards + gamma * (1 - ends) * target_net(next_states).max(1).values
            value = q_net(states).gather(1, actions.unsqueeze(1)).squeeze(1)
            loss = nn.functional.smooth_l1_loss(value, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            errors.append(loss.item())
            if steps % 200 == 0:
                target_net.load_state_dict(q_net.state_dict())
    returns.append(total)
    if episode % 20 == 19:
        print(
            f"episode {episode + 1}: return {sum(returns[-20:]) / 20:.3f}, TD error {sum(errors[-500:]) / len(errors[-500:]):.5f}"
        )
