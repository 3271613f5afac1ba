# bug: user and item factors both start at zero: each one's gradient is the other, so they never leave zero
# style: engineer's recommender (matrix factorisation with biases), ratings generated, fit/evaluate methods
# codes: LR414 LR704
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class MatrixFactorization(nn.Module):
    def __init__(self, n_users, n_items, n_factors, global_mean):
        super().__init__()
        self.user_factors = nn.Embedding(n_users, n_factors)
        self.item_factors = nn.Embedding(n_items, n_factors)
        self.user_bias = nn.Embedding(n_users, 1)
        self.item_bias = nn.Embedding(n_items, 1)
        self.register_buffer("global_mean", torch.tensor(global_mean))
        self.reset_parameters()

    def reset_parameters(self):
        for embedding in (self.user_factors, self.item_factors, self.user_bias, self.item_bias):
            nn.init.zeros_(embedding.weight)

    def forward(self, user, item):
        interaction = (self.user_factors(user) * self.item_factors(item)).sum(dim=1)
        bias = self.user_bias(user).squeeze(1) + self.item_bias(item).squeeze(1)
        return self.global_mean + bias + interaction


class Recommender:
    def __init__(self, n_users, n_items, n_factors=6, lr=0.02, weight_decay=1e-5, epochs=10, batch_size=256):
        self.n_users, self.n_items, self.n_factors = n_users, n_items, n_factors
        self.lr, self.weight_decay = lr, weight_decay
        self.epochs, self.batch_size = epochs, batch_size

    def fit(self, users, items, ratings):
        self.model = MatrixFactorization(self.n_users, self.n_items, self.n_factors, ratings.mean().item())
        optimizer = torch.optim.Adam(self.model.parameters(), lr=self.lr, weight_decay=self.weight_decay)
        loader = DataLoader(TensorDataset(users, items, ratings), batch_size=self.batch_size, shuffle=True)
        for epoch in range(self.epochs):
            self.model.train()
            squared = 0.0
            for user, item, rating in loader:
                loss = nn.functional.mse_loss(self.model(user, item), rating)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                squared += loss.item() * len(rating)
            print(f"epoch {epoch + 1}: train RMSE {(squared / len(ratings)) ** 0.5:.4f}")
        return self

    @torch.no_grad()
    def rmse(self, users, items, ratings):
        self.model.eval()
        return nn.functional.mse_loss(self.model(users, items), ratings).sqrt().item()


def make_ratings(n_users=120, n_items=80, n=6000, seed=0):
    g = torch.Generator().manual_seed(seed)
    taste = torch.randn(n_users, 3, generator=g)
    kind = torch.randn(n_items, 3, generator=g)
    users = torch.randint(n_users, (n,), generator=g)
    items = torch.randint(n_items, (n,), generator=g)
    score = (taste[users] * kind[items]).sum(1) * 0.6 + 0.3 * torch.randn(n_items, generator=g)[items]
    ratings = (3.4 + score + 0.2 * torch.randn(n, generator=g)).clamp(0.5, 6)
    return users, items, ratings


if __name__ == "__main__":
    torch.manual_seed(0)
    users, items, ratings = make_ratings()
    train, test = slice(0, 5000), slice(5000, None)
    recommender = Recommender(120, 80).fit(users[train], items[train], ratings[train])
    print(f"test RMSE {recommender.rmse(users[test], items[test], ratings[test]):.4f}")
    print(f"RMSE of the mean rating {ratings[test].std().item():.4f}")
