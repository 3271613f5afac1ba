# clean: causal language model whose output layer shares the weight of the embedding; perplexity from the mean loss
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass
class Config:
    words: int = 20
    length: int = 24
    dim: int = 32
    heads: int = 4
    layers: int = 2
    batch: int = 32
    steps: int = 400
    lr: float = 3e-3


class LanguageModel(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.embedding = nn.Embedding(config.words, config.dim)
        self.position = nn.Embedding(config.length, config.dim)
        layer = nn.TransformerEncoderLayer(
            config.dim, config.heads, 2 * config.dim, dropout=0.1, batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(
            layer, config.layers, norm=nn.LayerNorm(config.dim), enable_nested_tensor=False
        )
        self.output = nn.Linear(config.dim, config.words, bias=False)
        self.output.weight = self.embedding.weight
        nn.init.normal_(self.embedding.weight, std=0.1)

    def forward(self, tokens: Tensor) -> Tensor:
        length = tokens.shape[1]
        x = self.embedding(tokens) * math.sqrt(self.embedding.embedding_dim) + self.position(torch.arange(length))
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        return self.output(self.blocks(x, mask=mask, is_causal=True))


def corpus(words: int, length: int, seed: int) -> Tensor:
    """A Markov chain in which each word has three likely successors."""
    successors = torch.randint(words, (words, 3), generator=torch.Generator().manual_seed(7))
    generator = torch.Generator().manual_seed(seed)
    choices = torch.randint(3, (length,), generator=generator)
    word, text = 0, []
    for choice in choices.tolist():
        word = successors[word, choice].item()
        text.append(word)
    return torch.tensor(text)


def windows(text: Tensor, length: int, count: int) -> tuple[Tensor, Tensor]:
    start = torch.randint(len(text) - length - 1, (count, 1))
    index = start + torch.arange(length + 1)
    return text[index][:, :-1], text[index][:, 1:]


@torch.no_grad()
def perplexity(model: nn.Module, text: Tensor, length: int) -> float:
    model.eval()
    total, count = 0.0, 0
    for start in range(0, len(text) - length - 1, length):
        x, y = text[start : start + length], text[start + 1 : start + length + 1]
        total += nn.functional.cross_entropy(model(x.unsqueeze(0)).squeeze(0), y, reduction="sum").item()
        count += length
    model.train()
    return math.exp(total / count)


def main(config: Config) -> None:
    torch.manual_seed(0)
    train, validation = corpus(config.words, 6000, seed=1), corpus(config.words, 1500, seed=2)
    model = LanguageModel(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.lr, betas=(0.9, 0.95))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / 40, (config.steps - s) / (config.steps - 40))
    )
    model.train()
    for step in range(1, config.steps + 1):
        x, y = windows(train, config.length, config.batch)
        loss = nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            print(
                f"step {step}: loss {loss.item():.4f}, validation perplexity {perplexity(model, validation, config.length):.3f}"
            )


if __name__ == "__main__":
    main(Config())
