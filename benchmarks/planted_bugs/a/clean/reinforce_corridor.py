# style: policy gradient with a value baseline
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
LENGTH = 6


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(LENGTH + 1, 32), nn.Tanh())
        self.policy = nn.Linear(32, 2)
        self.value = nn.Linear(32, 1)

    def forward(self, state):
        h = self.body(state)
        return self.policy(h), self.value(h).squeeze(-1)


def one_hot(position):
    return nn.functional.one_hot(torch.tensor(position), LENGTH + 1).float()


model = ActorCritic()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
lengths = []
for episode in range(80):
    position, log_probs, values, rewards, entropies = 0, [], [], [], []
    while position != LENGTH and len(rewards) < 30:
        logits, value = model(one_hot(position))
        distribution = Categorical(logits=logits)
        action = distribution.sample()
        position = max(0, position + (1 if action.item() == 1 else -1))
        log_probs.append(distribution.log_prob(action))
        entropies.append(distribution.entropy())
        values.append(value)
        rewards.append(1.0 if position == LENGTH else -0.05)
    returns, total = [], 0.0
    for reward in reversed(rewards):
        total = reward + 0.95 * total
        returns.insert(0, total)
    returns, values = torch.tensor(returns), torch.stack(values)
    advantage = returns - values.detach()
    policy_loss = -(torch.stack(log_probs) * advantage).mean()
    value_loss = nn.functional.mse_loss(values, returns)
    loss = policy_loss + 0.5 * value_loss - 0.01 * torch.stack(entropies).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    lengths.append(len(rewards))
    if episode % 20 == 19:
        print(f"episode {episode + 1}: {sum(lengths[-20:]) / 20:.1f} steps")
