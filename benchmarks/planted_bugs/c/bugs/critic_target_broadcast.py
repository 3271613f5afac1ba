# bug: reward (N,) + gamma * value (N, 1): the temporal differences of the critic are an N x N table
# style: actor-critic in vectorised environments
# codes: LR117
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
ENVIRONMENTS, LENGTH, GAMMA = 24, 9, 0.9


class Corridors:
    """Walk to the right end: 1 point there, a small fee for every step."""

    def __init__(self, count):
        self.at = torch.randint(LENGTH - 1, (count,))

    def observe(self):
        return nn.functional.one_hot(self.at, LENGTH).float()

    def step(self, right):
        self.at = (self.at + 2 * right - 1).clamp(min=0)
        done = self.at >= LENGTH - 1
        reward = done.float() - 0.02
        reached = nn.functional.one_hot(self.at.clamp(max=LENGTH - 1), LENGTH).float()
        self.at = torch.where(done, torch.randint(LENGTH - 1, self.at.shape), self.at)
        return reached, reward, done.float()


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(LENGTH, 32), nn.Tanh())
        self.actor = nn.Linear(32, 2)
        self.critic = nn.Linear(32, 1)

    def forward(self, state):
        hidden = self.trunk(state)
        return Categorical(logits=self.actor(hidden)), self.critic(hidden)


world, agent = Corridors(ENVIRONMENTS), ActorCritic()
optimizer = torch.optim.Adam(agent.parameters(), lr=5e-3)
earned = []
for step in range(600):
    state = world.observe()
    policy, value = agent(state)
    action = policy.sample()
    reached, reward, done = world.step(action)
    with torch.no_grad():
        _, following = agent(reached)
    advantage = reward + GAMMA * (1 - done) * following - value
    actor_loss = -(policy.log_prob(action) * advantage.detach()).mean()
    critic_loss = advantage.pow(2).mean()
    loss = actor_loss + 0.5 * critic_loss - 0.01 * policy.entropy().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    earned.append(reward.mean().item())
    if step % 100 == 99:
        with torch.no_grad():
            values = agent(torch.eye(LENGTH))[1].flatten()
        print(f"{step + 1}: reward {sum(earned[-100:]) / 100:.3f}, values from {values[0]:.2f} to {values[-2]:.2f}")
