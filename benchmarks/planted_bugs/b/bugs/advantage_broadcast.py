# bug: returns of shape (T,) minus values of shape (T, 1): a T x T table of advantages
# style: actor-critic
# codes: LR117
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
STATES = 7


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = nn.Linear(STATES, 32)
        self.actor = nn.Linear(32, 2)
        self.critic = nn.Linear(32, 1)

    def forward(self, state):
        h = torch.tanh(self.shared(state))
        return self.actor(h), self.critic(h)


agent = ActorCritic()
optimizer = torch.optim.Adam(agent.parameters(), lr=1e-2)
eye = torch.eye(STATES)
for episode in range(60):
    position, states, actions, rewards = 0, [], [], []
    while position < STATES - 1 and len(rewards) < 25:
        with torch.no_grad():
            logits, _ = agent(eye[position])
        action = Categorical(logits=logits).sample()
        states.append(position)
        actions.append(action)
        position = max(0, position + (1 if action else -1))
        rewards.append(1.0 if position == STATES - 1 else -0.05)
    returns, total = [], 0.0
    for reward in reversed(rewards):
        total = reward + 0.9 * total
        returns.insert(0, total)
    returns = torch.tensor(returns)
    logits, values = agent(eye[states])
    advantage = returns - values
    log_prob = Categorical(logits=logits).log_prob(torch.stack(actions))
    loss = -(log_prob * advantage.detach()).mean() + 0.5 * advantage.pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if episode % 20 == 19:
        print(episode, len(rewards), loss.item())
