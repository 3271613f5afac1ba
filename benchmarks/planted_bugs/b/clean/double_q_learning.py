# style: reinforcement learning, replay buffer, soft target updates
import copy
import random
from collections import deque

import torch
import torch.nn.functional as F
from torch import nn

random.seed(0)
torch.manual_seed(0)
GOAL = 6
q_net = nn.Sequential(nn.Linear(GOAL + 1, 32), nn.ReLU(), nn.Linear(32, 2))
target_net = copy.deepcopy(q_net).requires_grad_(False)
optimizer = torch.optim.Adam(q_net.parameters(), lr=3e-3)
memory = deque(maxlen=1000)


def encode(positions):
    return F.one_hot(torch.as_tensor(positions), GOAL + 1).float()


def learn():
    state, action, reward, following, done = (list(part) for part in zip(*random.sample(memory, 32)))
    q = q_net(encode(state)).gather(1, torch.tensor(action).unsqueeze(1)).squeeze(1)
    with torch.no_grad():
        best = q_net(encode(following)).argmax(dim=1, keepdim=True)
        value = target_net(encode(following)).gather(1, best).squeeze(1)
        expected = torch.tensor(reward) + 0.9 * value * (1 - torch.tensor(done).float())
    loss = F.smooth_l1_loss(q, expected)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for slow, fast in zip(target_net.parameters(), q_net.parameters()):
            slow.lerp_(fast, 0.05)


for episode in range(30):
    position, length = 0, 0
    while position != GOAL and length < 30:
        if random.random() < 0.2:
            action = random.randrange(2)
        else:
            with torch.no_grad():
                action = int(q_net(encode([position])).argmax(dim=1))
        following = max(0, position + (1 if action else -1))
        memory.append((position, action, 1.0 if following == GOAL else -0.02, following, following == GOAL))
        position, length = following, length + 1
        if len(memory) > 64:
            learn()
    if episode % 10 == 9:
        print(f"episode {episode + 1}: {length} steps")
