# bug: the temporal difference loss compares (N, 1) with (N,)
# style: reinforcement learning, replay buffer, target network
# codes: LR117
import random
from collections import deque

import torch
from torch import nn

random.seed(0)
torch.manual_seed(0)
GOAL, ACTIONS, GAMMA = 6, 2, 0.9


def environment(position, action):
    position = max(0, position + (1 if action == 1 else -1))
    done = position == GOAL
    return position, 1.0 if done else -0.02, done


def encode(positions):
    return nn.functional.one_hot(torch.as_tensor(positions), GOAL + 1).float()


q_net = nn.Sequential(nn.Linear(GOAL + 1, 32), nn.ReLU(), nn.Linear(32, ACTIONS))
target_net = nn.Sequential(nn.Linear(GOAL + 1, 32), nn.ReLU(), nn.Linear(32, ACTIONS))
target_net.load_state_dict(q_net.state_dict())
optimizer = torch.optim.Adam(q_net.parameters(), lr=5e-3)
memory = deque(maxlen=2000)


def learn(batch_size=32):
    batch = random.sample(memory, batch_size)
    state, action, reward, following, done = (list(column) for column in zip(*batch))
    q = q_net(encode(state)).gather(1, torch.tensor(action).unsqueeze(1))
    with torch.no_grad():
        best = target_net(encode(following)).max(1).values
    expected = torch.tensor(reward) + GAMMA * best * (1 - torch.tensor(done).float())
    loss = nn.functional.smooth_l1_loss(q, expected)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


steps = []
for episode in range(40):
    position, done, length = 0, False, 0
    while not done and length < 40:
        if random.random() < 0.2:
            action = random.randrange(ACTIONS)
        else:
            with torch.no_grad():
                action = int(q_net(encode([position])).argmax())
        following, reward, done = environment(position, action)
        memory.append((position, action, reward, following, done))
        position, length = following, length + 1
        if len(memory) >= 64:
            learn()
    steps.append(length)
    if episode % 10 == 9:
        target_net.load_state_dict(q_net.state_dict())
        print(f"episode {episode + 1}: {sum(steps[-10:]) / 10:.1f} steps")
