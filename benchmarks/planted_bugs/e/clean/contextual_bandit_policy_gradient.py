# clean: REINFORCE with a learnt baseline and an entropy bonus on a contextual bandit made from the wine data
# style: small RL script with a Policy class and an Agent, rewards averaged over a window
# tempts: LR127 (the loss may be negative), LR705 (the loss does not fall), LR112 (sampled actions), LR305
from collections import deque

import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.distributions import Categorical


class ActorWithBaseline(nn.Module):
    def __init__(self, n_features, n_actions, hidden=32):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n_features, hidden), nn.Tanh())
        self.policy = nn.Linear(hidden, n_actions)
        self.value = nn.Linear(hidden, 1)

    def forward(self, context):
        features = self.body(context)
        return Categorical(logits=self.policy(features)), self.value(features).squeeze(-1)


class Agent:
    def __init__(self, n_features, n_actions, lr=5e-3, entropy_bonus=0.01):
        self.net = ActorWithBaseline(n_features, n_actions)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=lr)
        self.entropy_bonus = entropy_bonus

    def update(self, contexts, environment):
        policy, baseline = self.net(contexts)
        actions = policy.sample()
        rewards = environment(actions)
        advantage = rewards - baseline.detach()
        policy_loss = -(policy.log_prob(actions) * advantage).mean()
        value_loss = 0.5 * (baseline - rewards).pow(2).mean()
        loss = policy_loss + value_loss - self.entropy_bonus * policy.entropy().mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item(), rewards.mean().item()

    @torch.no_grad()
    def greedy(self, contexts):
        self.net.eval()
        policy, _ = self.net(contexts)
        return policy.probs.argmax(dim=-1)


def main():
    torch.manual_seed(31)
    wine = load_wine()
    contexts = torch.tensor(StandardScaler().fit_transform(wine.data), dtype=torch.float32)
    right = torch.tensor(wine.target)
    agent = Agent(contexts.size(1), 3)
    window = deque(maxlen=25)
    for step in range(1, 401):
        chosen = torch.randint(len(contexts), (32,))

        def environment(actions, chosen=chosen):
            paid = (actions == right[chosen]).float()
            return paid - 0.1 + 0.1 * torch.randn(len(actions))

        loss, reward = agent.update(contexts[chosen], environment)
        window.append(reward)
        if step % 50 == 0:
            print(f"step {step}: loss {loss:+.3f}, mean reward of the last updates {sum(window) / len(window):.3f}")
    share = (agent.greedy(contexts) == right).float().mean().item()
    print(f"greedy policy takes the best action in {share:.3f} of the contexts")


if __name__ == "__main__":
    main()
