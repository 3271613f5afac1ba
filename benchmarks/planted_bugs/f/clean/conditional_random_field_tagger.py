# style: sequence tagger with a linear-chain CRF by hand: forward algorithm with logsumexp, Viterbi decoding
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

TAGS, WORDS, LENGTH = 4, 20, 12


class CRF(nn.Module):
    def __init__(self, tags):
        super().__init__()
        self.start = nn.Parameter(torch.zeros(tags))
        self.transitions = nn.Parameter(torch.zeros(tags, tags))

    def score(self, emissions, tags):
        total = self.start[tags[:, 0]] + emissions[:, 0].gather(1, tags[:, :1]).squeeze(1)
        for t in range(1, tags.size(1)):
            total = total + self.transitions[tags[:, t - 1], tags[:, t]]
            total = total + emissions[:, t].gather(1, tags[:, t : t + 1]).squeeze(1)
        return total

    def partition(self, emissions):
        alpha = self.start + emissions[:, 0]
        for t in range(1, emissions.size(1)):
            alpha = torch.logsumexp(alpha.unsqueeze(2) + self.transitions, dim=1) + emissions[:, t]
        return torch.logsumexp(alpha, dim=1)

    def forward(self, emissions, tags):
        return (self.partition(emissions) - self.score(emissions, tags)).mean()

    def decode(self, emissions):
        best, pointers = self.start + emissions[:, 0], []
        for t in range(1, emissions.size(1)):
            best, pointer = (best.unsqueeze(2) + self.transitions).max(dim=1)
            best = best + emissions[:, t]
            pointers.append(pointer)
        path = [best.argmax(dim=1)]
        for pointer in reversed(pointers):
            path.append(pointer.gather(1, path[-1].unsqueeze(1)).squeeze(1))
        return torch.stack(path[::-1], dim=1)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, 16)
        self.lstm = nn.LSTM(16, 16, batch_first=True, bidirectional=True)
        self.emit = nn.Linear(32, TAGS)
        self.crf = CRF(TAGS)

    def emissions(self, words):
        return self.emit(self.lstm(self.embedding(words))[0])

    def forward(self, words, tags):
        return self.crf(self.emissions(words), tags)


def sentences(n, seed):
    """Tags follow a Markov chain; half of the words fit several tags."""
    g = torch.Generator().manual_seed(seed)
    chain = torch.tensor([[1, 8, 1, 1], [1, 1, 8, 1], [4, 1, 1, 5], [8, 1, 1, 1]]).float()
    tags = torch.randint(TAGS, (n, 1), generator=g)
    while tags.size(1) < LENGTH:
        tags = torch.cat([tags, torch.multinomial(chain[tags[:, -1]], 1, generator=g)], dim=1)
    clear = torch.rand(n, LENGTH, generator=g) < 0.5
    words = torch.where(
        clear,
        tags * 3 + torch.randint(3, tags.shape, generator=g),
        12 + torch.randint(8, tags.shape, generator=g),
    )
    return TensorDataset(words, tags)


def main():
    torch.manual_seed(0)
    train_loader = DataLoader(sentences(800, 1), batch_size=40, shuffle=True)
    test_words, test_tags = sentences(300, 2).tensors
    model = Tagger()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(6):
        model.train()
        losses = []
        for words, tags in train_loader:
            model.zero_grad()
            loss = model(words, tags)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            hits = (model.crf.decode(model.emissions(test_words)) == test_tags).float().mean().item()
        print(f"epoch {epoch}: negative log-likelihood {sum(losses) / len(losses):.4f}, tag accuracy {hits:.3f}")


if __name__ == "__main__":
    main()
