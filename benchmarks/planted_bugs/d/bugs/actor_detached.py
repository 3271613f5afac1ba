# bug: the log-probability is detached instead of the advantage: only the critic is trained
# style: advantage actor-critic on a balancing toy, one loss for both heads
# codes: LR112 LR704
import torch
from torch import nn
from torch.distributions import Categorical


class Balance:
    """A point on an unstable slope that is pushed left or right; it must stay within [-1, 1]."""

    def __init__(self, count):
        self.count = count
        self.reset()

    def reset(self):
        self.state = 0.2 * torch.randn(self.count, 2)
        self.alive = torch.ones(self.count)
        return self.state.clone()

    def step(self, action):
        force = action.float() * 2 - 1
        position, speed = self.state.unbind(1)
        speed = speed + 0.1 * (1.5 * position + force) + 0.02 * torch.randn(self.count)
        position = position + 0.1 * speed
        self.state = torch.stack([position, speed], dim=1)
        self.alive = self.alive * (position.abs() < 1).float()
        return self.state.clone(), self.alive.clone()


class ActorCritic(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.actor = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 2))
        self.critic = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 1))

    def forward(self, state):
        return Categorical(logits=self.actor(state)), self.critic(state).squeeze(-1)


torch.manual_seed(0)
env, net, gamma, length = Balance(32), ActorCritic(), 0.97, 40
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
for iteration in range(1, 101):
    state = env.reset()
    log_probs, values, rewards, masks = [], [], [], []
    for _ in range(length):
        masks.append(env.alive.clone())
        distribution, value = net(state)
        action = distribution.sample()
        state, reward = env.step(action)
        log_probs.append(distribution.log_prob(action))
        values.append(value)
        rewards.append(reward)
    future, returns = torch.zeros(env.count), []
    for reward in reversed(rewards):
        future = reward + gamma * future
        returns.insert(0, future)
    returns, masks = torch.stack(returns), torch.stack(masks)
    log_probs, values = torch.stack(log_probs), torch.stack(values)
    advantage = returns - values
    actor_loss = -(log_probs.detach() * advantage * masks).sum() / masks.sum()
    critic_loss = (advantage.pow(2) * masks).sum() / masks.sum()
    loss = actor_loss + 0.5 * critic_loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if iteration % 20 == 0:
        print(
            f"iteration {iteration}: alive for {torch.stack(rewards).sum(0).mean().item():.1f} of {length}, critic {critic_loss.item():.2f}"
        )
