# bug: CosineEmbeddingLoss wants 1 and -1, the pairs are labelled 1 and 0: unlike pairs are never pushed apart
# style: siamese network, pairs of digits
# codes: LR121 LR706
import torch
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from torch import nn


class Siamese(nn.Module):
    def __init__(self, size=16):
        super().__init__()
        self.branch = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, size))

    def forward(self, left, right):
        return self.branch(left), self.branch(right)


class PairSampler:
    def __init__(self, images, labels):
        self.images, self.labels = images, labels

    def draw(self, count):
        """Half of the pairs show the same digit."""
        left = torch.randint(len(self.labels), (count,))
        right = torch.randint(len(self.labels), (count,))
        for i in range(0, count, 2):
            alike = torch.nonzero(self.labels == self.labels[left[i]]).flatten()
            right[i] = alike[torch.randint(len(alike), ())]
        same = (self.labels[left] == self.labels[right]).float()
        return self.images[left], self.images[right], same


def verification_auc(model, sampler):
    model.eval()
    left, right, same = sampler.draw(1000)
    with torch.no_grad():
        score = nn.functional.cosine_similarity(*model(left, right))
    model.train()
    return roc_auc_score(same.numpy(), score.numpy()), score[same == 1].mean().item(), score[same == 0].mean().item()


def main():
    torch.manual_seed(0)
    digits = load_digits()
    order = torch.randperm(len(digits.target))
    images = torch.tensor(digits.data, dtype=torch.float32)[order] / 16
    labels = torch.tensor(digits.target)[order]
    train, test = PairSampler(images[:1300], labels[:1300]), PairSampler(images[1300:], labels[1300:])
    model = Siamese()
    criterion = nn.CosineEmbeddingLoss(margin=0.2)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for step in range(1, 401):
        left, right, same = train.draw(64)
        a, b = model(left, right)
        loss = criterion(a, b, same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            auc, alike, unlike = verification_auc(model, test)
            print(f"step {step}: loss {loss.item():.4f}, AUC {auc:.3f}, cosine same {alike:.3f} other {unlike:.3f}")


main()
