# clean: PPO: several epochs over one batch of episodes, stored log-probabilities without gradient, advantages detached
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.distributions import Normal


@dataclass
class Batch:
    states: Tensor
    actions: Tensor
    log_probs: Tensor
    returns: Tensor
    rewards: Tensor


class Reach:
    """Points in the plane that have to move to the origin by small pushes."""

    def __init__(self, count: int, length: int) -> None:
        self.count, self.length = count, length

    @torch.no_grad()
    def collect(self, policy: "Policy", gamma: float = 0.95) -> Batch:
        position = torch.rand(self.count, 2) * 4 - 2
        states, actions, log_probs, rewards = [], [], [], []
        for _ in range(self.length):
            distribution = policy.distribution(position)
            action = distribution.sample()
            states.append(position)
            actions.append(action)
            log_probs.append(distribution.log_prob(action).sum(-1))
            position = position + 0.3 * action.clamp(-1, 1)
            rewards.append(-position.norm(dim=1))
        future, returns = torch.zeros(self.count), []
        for reward in reversed(rewards):
            future = reward + gamma * future
            returns.append(future)
        returns.reverse()
        stacked = [torch.stack(part) for part in (states, actions, log_probs, returns, rewards)]
        return Batch(*(part.flatten(0, 1) for part in stacked))


class Policy(nn.Module):
    def __init__(self, hidden: int = 32) -> None:
        super().__init__()
        self.mean = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 2))
        self.value = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.log_std = nn.Parameter(torch.full((2,), -0.5))

    def distribution(self, state: Tensor) -> Normal:
        return Normal(self.mean(state), self.log_std.exp())


def update(policy: Policy, optimizer: torch.optim.Optimizer, batch: Batch, clip: float = 0.2) -> None:
    with torch.no_grad():
        advantage = batch.returns - policy.value(batch.states).squeeze(-1)
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    for _ in range(4):
        for index in torch.randperm(len(batch.states)).split(256):
            distribution = policy.distribution(batch.states[index])
            ratio = (distribution.log_prob(batch.actions[index]).sum(-1) - batch.log_probs[index]).exp()
            gain = torch.min(ratio * advantage[index], ratio.clamp(1 - clip, 1 + clip) * advantage[index]).mean()
            value_error = (policy.value(batch.states[index]).squeeze(-1) - batch.returns[index]).pow(2).mean()
            loss = -gain + 0.5 * value_error - 0.001 * distribution.entropy().sum(-1).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 0.5)
            optimizer.step()


if __name__ == "__main__":
    torch.manual_seed(0)
    policy = Policy()
    optimizer = torch.optim.Adam(policy.parameters(), lr=5e-3)
    world = Reach(count=64, length=16)
    for iteration in range(1, 26):
        batch = world.collect(policy)
        update(policy, optimizer, batch)
        if iteration % 5 == 0:
            print(f"iteration {iteration}: mean reward {batch.rewards.mean().item():.3f}")
