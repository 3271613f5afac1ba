# style: advantage actor-critic; the policy loss is positive or negative and does not fall, the reward rises
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
COUNT, LENGTH, HORIZON, GAMMA = 16, 9, 12, 0.9


class Corridors:
    def __init__(self):
        self.at = torch.randint(LENGTH - 1, (COUNT,))

    def observe(self):
        return nn.functional.one_hot(self.at, LENGTH).float()

    def step(self, right):
        self.at = (self.at + 2 * right - 1).clamp(min=0)
        done = self.at == LENGTH - 1
        self.at = torch.where(done, torch.randint(LENGTH - 1, (COUNT,)), self.at)
        return done.float() - 0.02, done.float()


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.policy = nn.Sequential(nn.Linear(LENGTH, 32), nn.Tanh(), nn.Linear(32, 2))
        self.value = nn.Sequential(nn.Linear(LENGTH, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, state):
        return Categorical(logits=self.policy(state)), self.value(state).squeeze(-1)


def rollout(world, agent):
    states, actions, rewards, ends = [], [], [], []
    with torch.no_grad():
        for _ in range(HORIZON):
            states.append(world.observe())
            actions.append(agent(states[-1])[0].sample())
            reward, done = world.step(actions[-1])
            rewards.append(reward)
            ends.append(done)
        _, following = agent(world.observe())
    returns = []
    for reward, done in zip(reversed(rewards), reversed(ends)):
        following = reward + GAMMA * (1 - done) * following
        returns.insert(0, following)
    return torch.cat(states), torch.cat(actions), torch.cat(returns), torch.cat(rewards).mean().item()


world, agent = Corridors(), Agent()
optimizer = torch.optim.Adam(agent.parameters(), lr=5e-3)
for update in range(1, 151):
    states, actions, returns, earned = rollout(world, agent)
    policy, values = agent(states)
    advantages = returns - values.detach()
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    policy_loss = -(policy.log_prob(actions) * advantages).mean()
    value_loss = nn.functional.mse_loss(values, returns)
    loss = policy_loss + 0.5 * value_loss - 0.01 * policy.entropy().mean()
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
    optimizer.step()
    if update % 30 == 0:
        losses = f"policy loss {policy_loss.item():.3f}, value loss {value_loss.item():.3f}"
        print(f"{update}: reward {earned:.3f}, {losses}")
