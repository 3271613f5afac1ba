# bug: the evaluation in the middle of the epochs leaves the model in eval mode: most steps train without dropout and with fixed statistics
# style: step-based Trainer (eval_steps, logging_steps) after the manner of transformers, log_history
# codes: LR207
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from sklearn.datasets import make_classification
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class TrainingArguments:
    num_train_epochs: int = 30
    per_device_train_batch_size: int = 32
    per_device_eval_batch_size: int = 128
    learning_rate: float = 2e-3
    eval_steps: int = 45
    logging_steps: int = 90
    seed: int = 13


@dataclass
class TrainerState:
    global_step: int = 0
    log_history: list = field(default_factory=list)


class TabularNet(nn.Module):
    def __init__(self, n_features, n_classes, width=192):
        super().__init__()
        self.fc1 = nn.Linear(n_features, width)
        self.bn1 = nn.BatchNorm1d(width)
        self.fc2 = nn.Linear(width, width)
        self.bn2 = nn.BatchNorm1d(width)
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(width, n_classes)

    def forward(self, x):
        x = self.drop(F.relu(self.bn1(self.fc1(x))))
        x = self.drop(F.relu(self.bn2(self.fc2(x))))
        return self.out(x)


class StepTrainer:
    def __init__(self, model, args, train_dataset, eval_dataset):
        self.model, self.args, self.state = model, args, TrainerState()
        self.train_dataset, self.eval_dataset = train_dataset, eval_dataset
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=args.learning_rate)

    def get_train_dataloader(self):
        return DataLoader(self.train_dataset, self.args.per_device_train_batch_size, shuffle=True, drop_last=True)

    def get_eval_dataloader(self):
        return DataLoader(self.eval_dataset, self.args.per_device_eval_batch_size)

    def training_step(self, batch):
        inputs, labels = batch
        loss = F.cross_entropy(self.model(inputs), labels)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.item()

    def evaluate(self):
        self.model.eval()
        loss_sum, hits, n = 0.0, 0, 0
        with torch.no_grad():
            for inputs, labels in self.get_eval_dataloader():
                logits = self.model(inputs)
                loss_sum += F.cross_entropy(logits, labels, reduction="sum").item()
                hits += (logits.argmax(-1) == labels).sum().item()
                n += len(labels)
        metrics = {"eval_loss": loss_sum / n, "eval_accuracy": hits / n, "step": self.state.global_step}
        self.state.log_history.append(metrics)
        return metrics

    def train(self):
        loader = self.get_train_dataloader()
        self.model.train()
        window = []
        for _ in range(self.args.num_train_epochs):
            for batch in loader:
                window.append(self.training_step(batch))
                self.state.global_step += 1
                if self.state.global_step % self.args.logging_steps == 0:
                    print({"loss": round(sum(window) / len(window), 4), "step": self.state.global_step})
                    window.clear()
                if self.state.global_step % self.args.eval_steps == 0:
                    print({k: round(v, 4) for k, v in self.evaluate().items()})


def main():
    args = TrainingArguments()
    torch.manual_seed(args.seed)
    X, y = make_classification(2600, 30, n_informative=12, n_classes=4, flip_y=0.15, random_state=args.seed)
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    trainer = StepTrainer(TabularNet(30, 4), args, TensorDataset(X[:600], y[:600]), TensorDataset(X[600:], y[600:]))
    trainer.train()
    best = max(trainer.state.log_history, key=lambda m: m["eval_accuracy"])
    print("best:", best)


main()
