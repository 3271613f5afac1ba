# clean: SparseAdam for the embedding, Adam for the rest; each step uses both
import torch
from torch import nn

WORDS, DIM, WINDOW = 60, 12, 2


def corpus(length, seed):
    """Ten topics of six words each; the topic changes now and then."""
    generator = torch.Generator().manual_seed(seed)
    topic, text = 0, []
    for _ in range(length):
        if torch.rand((), generator=generator) < 0.08:
            topic = torch.randint(10, (), generator=generator).item()
        text.append(6 * topic + torch.randint(6, (), generator=generator).item())
    return torch.tensor(text)


class ContinuousBagOfWords(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.EmbeddingBag(WORDS, DIM, mode="mean", sparse=True)
        self.hidden = nn.Linear(DIM, 32)
        self.output = nn.Linear(32, WORDS)

    def forward(self, context):
        return self.output(torch.relu(self.hidden(self.embedding(context))))


def examples(text):
    spans = text.unfold(0, 2 * WINDOW + 1, 1)
    context = torch.cat([spans[:, :WINDOW], spans[:, WINDOW + 1 :]], dim=1)
    return context, spans[:, WINDOW]


torch.manual_seed(0)
context, target = examples(corpus(6000, seed=1))
held_out_context, held_out_target = examples(corpus(1000, seed=2))
model = ContinuousBagOfWords()
dense = [p for name, p in model.named_parameters() if not name.startswith("embedding")]
optimizers = [
    torch.optim.SparseAdam(list(model.embedding.parameters()), lr=1e-2),
    torch.optim.Adam(dense, lr=3e-3),
]
criterion = nn.CrossEntropyLoss()

for epoch in range(1, 7):
    model.train()
    total = 0.0
    for index in torch.randperm(len(target)).split(64):
        loss = criterion(model(context[index]), target[index])
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        total += loss.item() * len(index)
    model.eval()
    with torch.no_grad():
        scores = model(held_out_context)
        held_out = criterion(scores, held_out_target).item()
        topic = (scores.argmax(1) // 6 == held_out_target // 6).float().mean().item()
    print(f"epoch {epoch}: loss {total / len(target):.3f}, held out {held_out:.3f}, right topic {topic:.3f}")
