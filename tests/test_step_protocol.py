"""The training step as a protocol: what is reported, and every look-alike that must stay silent."""

from __future__ import annotations

import textwrap

import pytest
from fakes import check_text

PRELUDE = """\
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets, transforms
train_set = TensorDataset(torch.randn(64, 20), torch.randint(0, 4, (64,)))
loader = DataLoader(train_set, batch_size=8, shuffle=True)
test_loader = DataLoader(train_set, batch_size=8)
net = nn.Sequential(nn.Linear(20, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 4))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
"""

STEP_RULES = {"evaluation-in-training-mode", "evaluation-with-gradients", "training-in-eval-mode"}


def reported(program: str) -> list[str]:
    """The names of the findings of this family, in the order of the program."""
    result = check_text(PRELUDE + textwrap.dedent(program))
    assert not result.errors, result.errors
    return [each.name for each in result.diagnostics if each.code.startswith("LR3") or each.name in STEP_RULES]


REPORTED = {
    "one of two optimizers never steps": (
        "missing-step",
        """
        critic = nn.Linear(20, 1)
        second = torch.optim.Adam(critic.parameters())
        maker = nn.Linear(5, 20)
        first = torch.optim.Adam(maker.parameters())
        for x, _ in loader:
            second.zero_grad()
            fake = maker(torch.randn(x.size(0), 5))
            (critic(fake.detach()).mean() - critic(x).mean()).backward()
            first.zero_grad()
            (-critic(fake).mean()).backward()
            first.step()
        """,
    ),
    "an environment steps, and no optimizer does": (
        "missing-step",
        """
        import gymnasium
        env = gymnasium.make("CartPole-v1")
        for episode in range(100):
            state, done, kept = env.reset()[0], False, []
            while not done:
                chances = torch.distributions.Categorical(logits=net(torch.as_tensor(state)))
                action = chances.sample()
                kept.append(chances.log_prob(action))
                state, reward, done, _, _ = env.step(action)
            optimizer.zero_grad()
            torch.stack(kept).sum().backward()
        """,
    ),
    "the last micro-batches of an epoch": (
        "accumulation-mistake",
        """
        for epoch in range(3):
            optimizer.zero_grad()
            for step, (x, y) in enumerate(loader):
                (F.cross_entropy(net(x), y) / 3).backward()
                if (step + 1) % 3 == 0:
                    optimizer.step()
                    optimizer.zero_grad()
        """,
    ),
    "enumerate": (
        "missing-zero-grad",
        """
        for step, (x, y) in enumerate(loader):
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        """,
    ),
    "trainer class": (
        "missing-zero-grad",
        """
        class Trainer:
            def __init__(self, model):
                self.model = model
                self.optimizer = torch.optim.Adam(model.parameters())
            def step(self, x, y):
                loss = F.cross_entropy(self.model(x), y)
                loss.backward()
                self.optimizer.step()
            def fit(self):
                for epoch in range(9):
                    for x, y in loader:
                        self.step(x, y)
        Trainer(net).fit()
        """,
    ),
    "function that nobody calls": (
        "missing-zero-grad",
        """
        def train(model, batches, optimizer, criterion):
            model.train()
            for x, y in batches:
                loss = criterion(model(x), y)
                loss.backward()
                optimizer.step()
        """,
    ),
    "while with next": (
        "missing-zero-grad",
        """
        batches = iter(loader)
        while True:
            try:
                x, y = next(batches)
            except StopIteration:
                break
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        """,
    ),
    "progress bar": (
        "missing-zero-grad",
        """
        from tqdm import tqdm
        for x, y in tqdm(loader):
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        """,
    ),
    "one of two optimizers": (
        "missing-zero-grad",
        """
        critic = nn.Linear(4, 1)
        second = torch.optim.SGD(critic.parameters(), lr=0.1)
        for x, y in loader:
            optimizer.zero_grad()
            critic(net(x)).mean().backward()
            optimizer.step()
            critic(net(x).detach()).mean().backward()
            second.step()
        """,
    ),
    "scaler": (
        "clip-misplaced",
        """
        scaler = torch.amp.GradScaler("cuda")
        for x, y in loader:
            optimizer.zero_grad()
            scaler.scale(F.cross_entropy(net(x), y)).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
        """,
    ),
    "scaler without update": (
        "amp-misuse",
        """
        scaler = torch.amp.GradScaler("cuda")
        for x, y in loader:
            optimizer.zero_grad()
            scaler.scale(F.cross_entropy(net(x), y)).backward()
            scaler.step(optimizer)
        """,
    ),
    "plateau without metric": (
        "scheduler-misuse",
        """
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            scheduler.step()
        """,
    ),
    "scheduler first": (
        "scheduler-misuse",
        """
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)
        for epoch in range(9):
            scheduler.step()
            for x, y in loader:
                optimizer.zero_grad()
                F.cross_entropy(net(x), y).backward()
                optimizer.step()
        """,
    ),
    "layer replaced behind the optimizer": (
        "optimizer-misses-parameters",
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body, self.head = nn.Linear(20, 8), nn.Linear(8, 2)
            def forward(self, x):
                return self.head(torch.relu(self.body(x)))
        model = Net()
        adam = torch.optim.Adam(model.parameters())
        model.head = nn.Linear(8, 4)
        for x, y in loader:
            adam.zero_grad()
            F.cross_entropy(model(x), y).backward()
            adam.step()
        """,
    ),
    "evaluation in a function": (
        "evaluation-in-training-mode",
        """
        @torch.no_grad()
        def accuracy():
            return sum((net(x).argmax(1) == y).sum().item() for x, y in test_loader)
        def measure():
            correct = 0
            with torch.no_grad():
                for x, y in test_loader:
                    correct += (net(x).argmax(1) == y).sum().item()
            return correct
        print(measure())
        """,
    ),
    "model of torchvision": (
        "evaluation-in-training-mode",
        """
        from torchvision import models
        resnet = models.resnet18(num_classes=4)
        with torch.no_grad():
            for x, y in test_loader:
                print((resnet(x).argmax(1) == y).sum())
        """,
    ),
    "requires_grad set on the loss": (
        "rewrapped-loss",
        """
        for x, y in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y).detach()
            loss.requires_grad = True
            loss.backward()
            optimizer.step()
        """,
    ),
    "eval in a function, never undone": (
        "training-in-eval-mode",
        """
        def measure():
            net.eval()
            with torch.no_grad():
                return [(net(x).argmax(1) == y).sum().item() for x, y in test_loader]
        for epoch in range(9):
            for x, y in loader:
                optimizer.zero_grad()
                F.cross_entropy(net(x), y).backward()
                optimizer.step()
            measure()
        """,
    ),
}


FROZEN = """
for p in {frozen}.parameters():
    p.requires_grad = False
net.train()
{silencer}
for x, y in loader:
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
"""
REPORTED |= {
    "first layers frozen": ("frozen-batchnorm-moves", FROZEN.format(frozen="net[:3]", silencer="")),
    "feature extraction with a model of torchvision": (
        "frozen-batchnorm-moves",
        """
        from torchvision import models
        resnet = models.resnet18(weights="DEFAULT")
        for parameter in resnet.parameters():
            parameter.requires_grad = False
        resnet.fc = nn.Linear(512, 4)
        adam = torch.optim.Adam(resnet.fc.parameters())
        for x, y in loader:
            adam.zero_grad()
            F.cross_entropy(resnet(x), y).backward()
            adam.step()
        """,
    ),
    "frozen in a helper that is told so": (
        "frozen-batchnorm-moves",
        """
        def set_trainable(model, extract):
            if extract:
                for p in model.parameters():
                    p.requires_grad = False
        set_trainable(net[:3], True)
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        """,
    ),
}

REPORTED |= {
    "backward under autocast": (
        "amp-misuse",
        """
        for x, y in loader:
            optimizer.zero_grad()
            with torch.autocast("cuda", dtype=torch.bfloat16):
                F.cross_entropy(net(x), y).backward()
            optimizer.step()
        """,
    ),
    "backward behind the loop": (
        "statement-outside-loop",
        """
        for epoch in range(9):
            for x, y in loader:
                loss = F.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        """,
    ),
    "cosine of batches, stepped once per epoch": (
        "scheduler-misuse",
        """
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=len(loader) * 9)
        for epoch in range(9):
            for x, y in loader:
                optimizer.zero_grad()
                F.cross_entropy(net(x), y).backward()
                optimizer.step()
            scheduler.step()
        """,
    ),
    "cosine of epochs, stepped once per batch": (
        "scheduler-misuse",
        """
        epochs = 9
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
        for epoch in range(epochs):
            for x, y in loader:
                optimizer.zero_grad()
                F.cross_entropy(net(x), y).backward()
                optimizer.step()
                scheduler.step()
        """,
    ),
    "mean losses of micro-batches added up": (
        "accumulation-mistake",
        """
        for step, (x, y) in enumerate(loader):
            F.cross_entropy(net(x), y).backward()
            if (step + 1) % 4 == 0:
                optimizer.step()
                optimizer.zero_grad()
        """,
    ),
    "a model for each batch": (
        "optimizer-in-loop",
        """
        for x, y in loader:
            model = nn.Sequential(nn.Linear(20, 4))
            adam = torch.optim.Adam(model.parameters())
            adam.zero_grad()
            F.cross_entropy(model(x), y).backward()
            adam.step()
        """,
    ),
    "a second name for the best model": (
        "state-dict-alias",
        """
        best, best_net = 9.0, None
        for epoch in range(9):
            for x, y in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(net(x), y)
                loss.backward()
                optimizer.step()
            if loss.item() < best:
                best, best_net = loss.item(), None
                best_net = net
        torch.save(best_net, "best.pt")
        """,
    ),
}

SEEN = """
for x, y in loader:
    F.cross_entropy(net(x), y).backward()
    {use}
    optimizer.step()
"""
REPORTED |= {
    f"gradients are only looked at: {use}": ("missing-zero-grad", SEEN.format(use=use))
    for use in (
        "print([p.grad.norm() for p in net.parameters()])",
        "print(max(p.grad.abs().max() for p in net.parameters() if p.grad is not None))",
        "[p.grad.data.clamp_(-1, 1) for p in net.parameters()]",
        "torch.save(net.state_dict(), 'net.pt')",
    )
}
REPORTED |= {
    "a module that calls itself": (
        "missing-zero-grad",
        """
        class Tree(nn.Module):
            def __init__(self, depth):
                super().__init__()
                self.part = Tree(depth - 1) if depth else nn.Linear(20, 4)
            def forward(self, x):
                return self.part(x)
        tree = Tree(3)
        adam = torch.optim.Adam(tree.parameters())
        for x, y in loader:
            F.cross_entropy(tree(x), y).backward()
            adam.step()
        """,
    ),
    "a scheduler of the program": (
        "missing-zero-grad",
        """
        from torch.optim.lr_scheduler import LRScheduler
        class WarmUp(LRScheduler):
            def __init__(self, optimizer, steps):
                self.steps = steps
                super().__init__(optimizer)
            def get_lr(self):
                return [base * self.last_epoch / self.steps for base in self.base_lrs]
        warm = WarmUp(optimizer, 100)
        for x, y in loader:
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            warm.step()
        """,
    ),
}


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name: str) -> None:
    rule, program = REPORTED[name]
    assert reported(program) == [rule]


def test_a_sequential_holds_what_is_inside() -> None:
    program = """
    with torch.no_grad():
        for x, y in test_loader:
            print((net(x).argmax(1) == y).sum())
    """
    found = [each for each in check_text(PRELUDE + textwrap.dedent(program)).diagnostics if each.code == "LR205"]
    assert [(each.level.value, each.related[0].message) for each in found] == [
        ("error", "the model holds Dropout and BatchNorm")
    ]


def test_dropout_of_a_function_depends_on_the_mode() -> None:
    program = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(20, 4)
        def forward(self, x):
            return self.head(F.dropout(x, training=self.training))
    model = Net()
    with torch.no_grad():
        for x, y in test_loader:
            print((model(x).argmax(1) == y).sum())
    """
    found = [each for each in check_text(PRELUDE + textwrap.dedent(program)).diagnostics if each.code == "LR205"]
    assert [(each.level.value, each.related[0].message) for each in found] == [("error", "the model holds Dropout")]


UNKNOWN_MODEL = """
from timm import create_model
model = create_model("resnet50")
adam = torch.optim.Adam(model.parameters())
for epoch in range(9):
    {before}
    for x, y in loader:
        adam.zero_grad()
        F.cross_entropy(model(x), y).backward()
        adam.step()
    {between}
    correct = 0
    with torch.no_grad():
        for x, y in test_loader:
            correct += (model(x).argmax(1) == y).sum().item()
"""


@pytest.mark.parametrize(
    ("before", "between", "levels"),
    [
        ("model.train()", "pass", ["warning"]),
        ("model.train()", "model.eval()", []),
        ("pass", "pass", []),  # it may have been made in evaluation mode
        ("model.train()", "from elsewhere import prepare; prepare(model)", []),
        ("model.train()", "model.train()  # on purpose, for Monte Carlo dropout", []),
        ("model.train()", "model.train(not torch.rand(1))", []),
    ],
)
def test_evaluation_of_a_model_that_is_not_known(before: str, between: str, levels: list[str]) -> None:
    found = check_text(PRELUDE + UNKNOWN_MODEL.format(before=before, between=between)).diagnostics
    assert [each.level.value for each in found if each.code == "LR205"] == levels


HEAD = """
from torchvision import models
model = models.resnet18(weights="DEFAULT")
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
{change}
for x, y in loader:
    optimizer.zero_grad()
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
"""

TWO = """
critic, maker = nn.Linear(20, 1), nn.Linear(5, 20)
first, second = torch.optim.Adam(maker.parameters()), torch.optim.Adam(critic.parameters())
"""

REPORTED |= {
    "a step behind the loop of a function that nobody calls": (
        "statement-outside-loop",
        """
        def train(model, batches, opt, criterion):
            for x, y in batches:
                opt.zero_grad()
                loss = criterion(model(x), y)
                loss.backward()
            opt.step()
        """,
    ),
}
SILENT_BEHIND = {
    "a step behind the loop for all of its gradients": """
        def train(model, batches, opt, criterion):
            opt.zero_grad()
            for x, y in batches:
                criterion(model(x), y).backward()
            opt.step()
        """,
    "gradients are added up by hand for the step behind the loop": """
        def train(model, batches, opt, criterion):
            kept = [torch.zeros_like(p) for p in model.parameters()]
            for x, y in batches:
                opt.zero_grad()
                criterion(model(x), y).backward()
                for total, p in zip(kept, model.parameters()):
                    total += p.grad
            for total, p in zip(kept, model.parameters()):
                p.grad = total
            opt.step()
        """,
}

SCALED = """
scaler = torch.amp.GradScaler("cuda")
for x, y in loader:
    optimizer.zero_grad()
    with torch.autocast("cuda"):
        loss = F.cross_entropy(net(x), y)
    scaler.scale(loss).backward()
    {between}
    optimizer.step()
    scaler.update()
"""

REPORTED |= {"the optimizer steps by itself": ("amp-misuse", SCALED.format(between="pass"))}
SILENT_SCALED = {
    "gradients that the scaler has divided": SCALED.format(between="scaler.unscale_(optimizer)"),
    "gradients that are divided by hand": SCALED.format(
        between="for p in net.parameters():\n        p.grad /= scaler.get_scale()"
    ),
    "gradients that a helper may divide": "from elsewhere import unscale\n"
    + SCALED.format(between="unscale(optimizer)"),
}

KEPT = """
best = float("inf")
for epoch in range(9):
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
    if loss.item() < best:
        best, kept = loss.item(), None
        kept = {copy}
net.load_state_dict(kept)
"""

REPORTED |= {
    f"a copy of a dictionary copies no parameter: {copy}": (
        "state-dict-alias",
        "import copy\n" + KEPT.format(copy=copy),
    )
    for copy in ("copy.copy(net.state_dict())", "net.state_dict().copy()", "dict(net.state_dict())")
}
SILENT_COPIES = {
    f"a copy of the parameters: {copy}": "import copy\n" + KEPT.format(copy=copy)
    for copy in ("copy.deepcopy(net.state_dict())", "{k: v.clone() for k, v in dict(net.state_dict()).items()}")
}

REPORTED |= {
    "the gradients of the optimizer that never steps are cleared by its model": (
        "missing-step",
        TWO
        + textwrap.dedent("""
        for x, _ in loader:
            critic.zero_grad()
            critic(x).mean().backward()
            fake = maker(torch.randn(x.size(0), 5))
            critic(fake.detach()).mean().backward()
            maker.zero_grad()
            (-critic(fake).mean()).backward()
            first.step()
        """),
    ),
    "the head of a model that is not seen into is replaced": (
        "optimizer-misses-parameters",
        HEAD.format(change="model.fc = nn.Linear(512, 4)"),
    ),
    "the parameters are used up by the first iteration": (
        "exhausted-parameters",
        """
        params = net.parameters()
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            torch.nn.utils.clip_grad_norm_(params, 1.0)
            optimizer.step()
        """,
    ),
    "the second of two optimizers steps before its backward pass": (
        "step-before-backward",
        TWO
        + textwrap.dedent("""
        for x, _ in loader:
            second.zero_grad()
            (critic(maker(torch.randn(x.size(0), 5)).detach()).mean() - critic(x).mean()).backward()
            second.step()
            first.zero_grad()
            loss = -critic(maker(torch.randn(x.size(0), 5))).mean()
            first.step()
            loss.backward()
        """),
    ),
    "nothing goes backward for the first of two optimizers": (
        "missing-backward",
        TWO
        + textwrap.dedent("""
        for x, _ in loader:
            second.zero_grad()
            loss = critic(maker(torch.randn(x.size(0), 5)).detach()).mean() - critic(x).mean()
            second.step()
            first.zero_grad()
            (-critic(maker(torch.randn(x.size(0), 5))).mean()).backward()
            first.step()
        """),
    ),
    "nothing goes backward every few steps": (
        "missing-backward",
        TWO
        + textwrap.dedent("""
        for i, (x, _) in enumerate(loader):
            second.zero_grad()
            fake = maker(torch.randn(x.size(0), 5))
            g = torch.autograd.grad(critic(x).sum(), critic.weight, create_graph=True)[0]
            (critic(fake.detach()).mean() - critic(x).mean() + g.pow(2).mean()).backward()
            second.step()
            first.zero_grad()
            if i % 5 == 0:
                loss = -critic(maker(torch.randn(x.size(0), 5))).mean()
                first.step()
        """),
    ),
    "nothing goes backward from a loss made by hand": (
        "missing-backward",
        """
        for t in range(100):
            states, actions, returns = memory.sample(32)
            chances = torch.distributions.Categorical(logits=net(states))
            loss = -(chances.log_prob(actions) * returns).mean()
            optimizer.zero_grad()
            optimizer.step()
        """,
    ),
}

SILENT = {
    "micro-batches that wait for the next epoch": """
        for epoch in range(3):
            for step, (x, y) in enumerate(loader):
                (F.cross_entropy(net(x), y) / 3).backward()
                if (step + 1) % 3 == 0:
                    optimizer.step()
                    optimizer.zero_grad()
        """,
    "a step behind the loop for the last micro-batches": """
        for epoch in range(3):
            optimizer.zero_grad()
            for step, (x, y) in enumerate(loader):
                (F.cross_entropy(net(x), y) / 3).backward()
                if (step + 1) % 3 == 0:
                    optimizer.step()
                    optimizer.zero_grad()
            optimizer.step()
        """,
    "the last batch steps, too": """
        for epoch in range(3):
            optimizer.zero_grad()
            for step, (x, y) in enumerate(loader):
                (F.cross_entropy(net(x), y) / 3).backward()
                if (step + 1) % 3 == 0 or step + 1 == len(loader):
                    optimizer.step()
                    optimizer.zero_grad()
        """,
    "groups that fill the epoch": """
        for epoch in range(3):
            optimizer.zero_grad()
            for step, (x, y) in enumerate(loader):
                (F.cross_entropy(net(x), y) / 4).backward()
                if (step + 1) % 4 == 0:
                    optimizer.step()
                    optimizer.zero_grad()
        """,
    "phases": """
        for epoch in range(9):
            for phase in ["train", "val"]:
                if phase == "train":
                    net.train()
                else:
                    net.eval()
                correct = 0
                for x, y in loader:
                    optimizer.zero_grad()
                    with torch.set_grad_enabled(phase == "train"):
                        out = net(x)
                        loss = F.cross_entropy(out, y)
                        if phase == "train":
                            loss.backward()
                            optimizer.step()
                    correct += (out.argmax(1) == y).sum().item()
        """,
    "closure": """
        lbfgs = torch.optim.LBFGS(net.parameters())
        for x, y in loader:
            def closure():
                lbfgs.zero_grad()
                loss = F.cross_entropy(net(x), y)
                loss.backward()
                return loss
            lbfgs.step(closure)
        """,
    "manual update": """
        for x, y in loader:
            F.cross_entropy(net(x), y).backward()
            with torch.no_grad():
                for p in net.parameters():
                    p -= 0.1 * p.grad
                    p.grad.zero_()
        """,
    "zero_grad at the end": """
        for x, y in loader:
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        """,
    "zero_grad in a helper method": """
        class Trainer:
            def __init__(self):
                self.optimizer = torch.optim.Adam(net.parameters())
            def prepare(self):
                self.optimizer.zero_grad()
            def fit(self):
                for x, y in loader:
                    self.prepare()
                    F.cross_entropy(net(x), y).backward()
                    self.optimizer.step()
        Trainer().fit()
        """,
    "unknown base class": """
        from elsewhere import Base
        class Trainer(Base):
            def __init__(self):
                self.optimizer = torch.optim.Adam(net.parameters())
            def fit(self):
                for x, y in loader:
                    self.before_batch()
                    F.cross_entropy(net(x), y).backward()
                    self.optimizer.step()
        Trainer().fit()
        """,
    "gan": """
        critic = nn.Linear(4, 1)
        first, second = optimizer, torch.optim.Adam(critic.parameters())
        for x, y in loader:
            second.zero_grad()
            critic(net(x).detach()).mean().backward()
            second.step()
            first.zero_grad()
            (-critic(net(x)).mean()).backward()
            first.step()
        """,
    "critic trained more often": """
        critic = nn.Linear(4, 1)
        second = torch.optim.Adam(critic.parameters())
        for x, y in loader:
            for _ in range(5):
                second.zero_grad()
                critic(net(x).detach()).mean().backward()
                second.step()
            optimizer.zero_grad()
            (-critic(net(x)).mean()).backward()
            optimizer.step()
        """,
    "all optimizers in a list": """
        optimizers = [optimizer, torch.optim.Adam(net.parameters())]
        for x, y in loader:
            for each in optimizers:
                each.zero_grad()
            F.cross_entropy(net(x), y).backward()
            for each in optimizers:
                each.step()
        """,
    "accelerate": """
        from accelerate import Accelerator
        accelerator = Accelerator()
        model, adam = accelerator.prepare(net, optimizer)
        for x, y in loader:
            accelerator.backward(F.cross_entropy(model(x), y))
            adam.step()
        """,
    "deepspeed": """
        import deepspeed
        engine, _, _, _ = deepspeed.initialize(model=net)
        for x, y in loader:
            loss = F.cross_entropy(engine(x), y)
            engine.backward(loss)
            engine.step()
        """,
    "no_sync": """
        from contextlib import nullcontext
        model = nn.parallel.DistributedDataParallel(net)
        for step, (x, y) in enumerate(loader):
            with model.no_sync() if (step + 1) % 4 else nullcontext():
                (F.cross_entropy(model(x), y) / 4).backward()
            if (step + 1) % 4 == 0:
                optimizer.step()
                optimizer.zero_grad()
        """,
    "gradient penalty": """
        for x, y in loader:
            optimizer.zero_grad()
            x.requires_grad_(True)
            out = net(x).sum()
            gradient, = torch.autograd.grad(out, x, create_graph=True)
            (out + gradient.norm()).backward()
            optimizer.step()
        """,
    "meta learning": """
        import copy
        for task in range(100):
            learner = copy.deepcopy(net)
            inner = torch.optim.SGD(learner.parameters(), lr=0.1)
            for x, y in loader:
                inner.zero_grad()
                F.cross_entropy(learner(x), y).backward()
                inner.step()
        """,
    "reinforcement learning": """
        def play(env, policy, adam):
            for episode in range(100):
                state, losses = env.reset(), []
                for t in range(50):
                    distribution = torch.distributions.Categorical(logits=policy(state))
                    action = distribution.sample()
                    state, reward, done, info = env.step(action.item())
                    losses.append(-distribution.log_prob(action) * reward)
                adam.zero_grad()
                sum(losses).backward()
                adam.step()
        """,
    "schedulers and profilers": """
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)
        def train(model, profiler, lr_scheduler):
            for x, y in loader:
                F.cross_entropy(model(x), y).backward()
                profiler.step()
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            scheduler.step()
        """,
    "lightning": """
        import lightning as L
        class Module(L.LightningModule):
            def training_step(self, batch, index):
                x, y = batch
                return F.cross_entropy(net(x), y)
            def configure_optimizers(self):
                return torch.optim.Adam(net.parameters())
            def validation_step(self, batch, index):
                x, y = batch
                return (net(x).argmax(1) == y).float().mean()
        """,
    "frozen on purpose": """
        net.eval()
        for epoch in range(9):
            for x, y in loader:
                optimizer.zero_grad()
                F.cross_entropy(net(x), y).backward()
                optimizer.step()
        """,
    "context manager sets the mode": """
        from contextlib import contextmanager
        @contextmanager
        def evaluating(model):
            model.eval()
            yield
            model.train()
        with evaluating(net), torch.no_grad():
            for x, y in test_loader:
                print((net(x).argmax(1) == y).sum())
        """,
    "loop inside a model": """
        class Stack(nn.Module):
            def __init__(self):
                super().__init__()
                self.parts = nn.ModuleList([nn.Linear(20, 20) for _ in range(3)])
            def forward(self, x):
                for part in self.parts:
                    x = part(x)
                    print((x.argmax(1) == 0).sum())
                return x
        Stack()(torch.randn(8, 20))
        """,
    "criterion of the program": """
        class Smoothed(nn.Module):
            def forward(self, scores, y):
                return (torch.log_softmax(scores, 1)[:, 0] * 0.1).mean() + y.float().mean()
        criterion = Smoothed()
        net.eval()
        total = 0.0
        with torch.no_grad():
            for x, y in test_loader:
                total += criterion(net(x), y)
        """,
    "sweep over devices": """
        for device in ["cpu", "cuda"]:
            adam = torch.optim.Adam(net.parameters())
            for x, y in loader:
                adam.zero_grad()
                F.cross_entropy(net(x), y).backward()
                adam.step()
        """,
    "maybe on a GPU": """
        if torch.cuda.is_available():
            net = net.cuda()
        for x, y in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            print(loss.item())
        """,
    "scheduler in a list": """
        def build():
            return [torch.optim.lr_scheduler.StepLR(optimizer, 10)]
        schedulers = build()
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            for each in schedulers:
                each.step()
        """,
    "new optimizer after a decay": """
        lr = 0.1
        for epoch in range(9):
            lr = lr * 0.9
            adam = torch.optim.Adam(net.parameters(), lr=lr)
            for x, y in loader:
                adam.zero_grad()
                F.cross_entropy(net(x), y).backward()
                adam.step()
        """,
    "repackaged state": """
        rnn, head = nn.LSTM(20, 8), nn.Linear(8, 4)
        adam = torch.optim.Adam([*rnn.parameters(), *head.parameters()])
        def repackage(state):
            return tuple(part.detach() for part in state)
        state = (torch.zeros(1, 8, 8), torch.zeros(1, 8, 8))
        for x, y in loader:
            adam.zero_grad()
            state = repackage(state)
            out, state = rnn(x, state)
            F.cross_entropy(head(out), y).backward()
            adam.step()
        """,
}


TRAINED = """
for epoch in range(9):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
x_test, y_test = torch.randn(64, 20), torch.randint(0, 4, (64,))
"""
SINGLE = {
    "accuracy on a whole test set": "print((net(x_test).argmax(1) == y_test).float().mean())",
    "loss on a whole test set": "print(F.cross_entropy(net(x_test), y_test).item())",
    "in a function": "def accuracy():\n    return (net(x_test).argmax(1) == y_test).float().mean()\nprint(accuracy())",
    "a comprehension": "print(sum((net(x).argmax(1) == y).sum().item() for x, y in test_loader))",
    "a list of numbers": "numbers = [(net(x).argmax(1) == y).sum().item() for x, y in test_loader]",
}


@pytest.mark.parametrize("name", SINGLE)
def test_evaluation_without_a_loop(name: str) -> None:
    assert reported(TRAINED + SINGLE[name]) == ["evaluation-in-training-mode", "evaluation-with-gradients"]


def test_evaluation_without_a_loop_is_reported_once() -> None:
    program = (
        TRAINED + "print(F.cross_entropy(net(x_test), y_test).item())\nprint((net(x_test).argmax(1) == y_test).sum())"
    )
    found = ["evaluation-in-training-mode", "evaluation-with-gradients", "evaluation-with-gradients"]
    assert sorted(reported(program)) == found


SILENT |= {
    f"without a loop: {name}": program
    for name, program in {
        "not trained before": "x = torch.randn(9, 20)\nprint(net(x).argmax(1))",
        "trained on": TRAINED + "loss = F.cross_entropy(net(x_test), y_test)\nprint(loss.item())\nloss.backward()",
        "a helper goes backward": TRAINED
        + "from elsewhere import attack\nloss = F.cross_entropy(net(x_test), y_test)\nprint(loss.item())\nattack(loss)",
        "gradients of the input": TRAINED
        + "loss = F.cross_entropy(net(x_test), y_test)\nprint(loss)\ng = torch.autograd.grad(loss, x_test)",
        "nothing is judged": TRAINED + "features = net(x_test)\nprint(features.shape)",
        "votes of Monte Carlo dropout": TRAINED
        + "net.train()\nwith torch.no_grad():\n    print(net(x_test).argmax(1))",
        "as it should be": TRAINED + "net.eval()\nwith torch.no_grad():\n    print(net(x_test).argmax(1))",
        "a comprehension as it should be": TRAINED
        + "net.eval()\nwith torch.no_grad():\n    print([net(x).argmax(1) for x, _ in test_loader])",
        "full-batch training": "x, y = torch.randn(9, 20), torch.randint(0, 4, (9,))\nfor epoch in range(9):\n    optimizer.zero_grad()\n    out = net(x)\n    print((out.argmax(1) == y).sum())\n    F.cross_entropy(out, y).backward()\n    optimizer.step()",
        "a model that holds neither": "plain = nn.Sequential(nn.Linear(20, 4))\nadam = torch.optim.Adam(plain.parameters())\nfor x, y in loader:\n    adam.zero_grad()\n    F.cross_entropy(plain(x), y).backward()\n    adam.step()\nwith torch.no_grad():\n    print(plain(x).argmax(1))",
    }.items()
}
SILENT |= {
    f"frozen BatchNorm: {name}": FROZEN.format(frozen=frozen, silencer=silencer)
    for name, frozen, silencer in (
        ("in evaluation mode", "net", "net[1].eval()"),
        (
            "in evaluation mode, found by its class",
            "net",
            "for m in net.modules():\n    if isinstance(m, nn.BatchNorm1d):\n        m.eval()",
        ),
        (
            "in evaluation mode, found by its name",
            "net",
            "for name, m in net.named_modules():\n    if name == '1':\n        m.eval()",
        ),
        (
            "in evaluation mode, by `apply`",
            "net",
            "def off(m):\n    if isinstance(m, nn.BatchNorm1d):\n        m.eval()\nnet.apply(off)",
        ),
        ("not frozen itself", "net[0]", ""),
        ("trained later", "net", "def thaw():\n    for p in net.parameters():\n        p.requires_grad = True\nthaw()"),
        ("trained for some seeds", "net", "if torch.rand(1) > 0.5:\n    net.requires_grad_(True)"),
        ("handed to a helper that is not known", "net", "from elsewhere import prepare\nprepare(net[1])"),
        (
            "an average of others",
            "net",
            "def average():\n    for _ in range(3):\n        for p in net.parameters():\n            p.data.mul_(0.9)\naverage()",
        ),
    )
}
SILENT |= {
    "parts frozen by their name": """
        for name, p in net.named_parameters():
            if not name.startswith("1."):
                p.requires_grad = False
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        """,
    "parts switched to evaluation one by one": """
        for m in net.modules():
            m.eval()
        with torch.no_grad():
            for x, y in test_loader:
                print((net(x).argmax(1) == y).sum())
        """,
    "parts switched by a function that `apply` gets": """
        def off(m):
            m.train(False)
        net.apply(off)
        with torch.no_grad():
            for x, y in test_loader:
                print((net(x).argmax(1) == y).sum())
        """,
    "children of a model of torchvision, switched one by one": """
        from torchvision import models
        resnet = models.resnet18(num_classes=4)
        for child in resnet.children():
            child.eval()
        with torch.no_grad():
            for x, y in test_loader:
                print((resnet(x).argmax(1) == y).sum())
        """,
}

SILENT |= {
    "autocast around the loss only": """
        for x, y in loader:
            optimizer.zero_grad()
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
        """,
    "autocast switched off": """
        for x, y in loader:
            optimizer.zero_grad()
            with torch.autocast("cuda", enabled=False):
                F.cross_entropy(net(x), y).backward()
            optimizer.step()
        """,
    "one step for the sum of all batches": """
        for epoch in range(9):
            loss = 0
            for x, y in loader:
                loss = loss + F.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        """,
    "the loss behind the last step of a sequence": """
        for sequence, y in loader:
            state = torch.zeros(8, 20)
            for x in sequence:
                state = state + x
                loss = F.cross_entropy(net(state), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        """,
    "cosine of batches, stepped for each": """
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=len(loader) * 9)
        for epoch in range(9):
            for x, y in loader:
                optimizer.zero_grad()
                F.cross_entropy(net(x), y).backward()
                optimizer.step()
                scheduler.step()
        """,
    "cosine of epochs, stepped for each": """
        epochs = 9
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
        for epoch in range(epochs):
            for x, y in loader:
                optimizer.zero_grad()
                F.cross_entropy(net(x), y).backward()
                optimizer.step()
            scheduler.step()
        """,
    "the losses of micro-batches divided": """
        for step, (x, y) in enumerate(loader):
            (F.cross_entropy(net(x), y) / 4).backward()
            if (step + 1) % 4 == 0:
                optimizer.step()
                optimizer.zero_grad()
        """,
    "the losses of micro-batches are sums": """
        for step, (x, y) in enumerate(loader):
            F.cross_entropy(net(x), y, reduction="sum").backward()
            if (step + 1) % 4 == 0:
                optimizer.step()
                optimizer.zero_grad()
        """,
    "Adam takes steps of the same size": """
        adam = torch.optim.Adam(net.parameters())
        for step, (x, y) in enumerate(loader):
            F.cross_entropy(net(x), y).backward()
            if (step + 1) % 4 == 0:
                adam.step()
                adam.zero_grad()
        """,
    "a learner for each task": """
        for x, y in loader:
            learner = nn.Sequential(nn.Linear(20, 4))
            adam = torch.optim.Adam(learner.parameters())
            for _ in range(5):
                adam.zero_grad()
                F.cross_entropy(learner(x), y).backward()
                adam.step()
        """,
    "the best of several models": """
        best, best_net = 9.0, None
        for seed in range(9):
            torch.manual_seed(seed)
            model = nn.Sequential(nn.Linear(20, 4))
            adam = torch.optim.Adam(model.parameters())
            for x, y in loader:
                adam.zero_grad()
                loss = F.cross_entropy(model(x), y)
                loss.backward()
                adam.step()
            if loss.item() < best:
                best = loss.item()
                best_net = model
        torch.save(best_net, "best.pt")
        """,
    "a second name that is saved at once": """
        best = 9.0
        for epoch in range(9):
            for x, y in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(net(x), y)
                loss.backward()
                optimizer.step()
            if loss.item() < best:
                best = loss.item()
                kept = net
                torch.save(kept, "best.pt")
        """,
    "the best model copied": """
        import copy
        best, best_net = 9.0, None
        for epoch in range(9):
            for x, y in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(net(x), y)
                loss.backward()
                optimizer.step()
            if loss.item() < best:
                best_net = copy.deepcopy(net)
        torch.save(best_net, "best.pt")
        """,
}

SILENT |= {
    "a step that fails is skipped": """
        for x, y in loader:
            optimizer.zero_grad()
            try:
                loss = F.cross_entropy(net(x), y)
                loss.backward()
                optimizer.step()
            except RuntimeError as error:
                if "out of memory" in str(error):
                    optimizer.zero_grad()
                    continue
                raise
        """,
    "cleared only where a step has failed": """
        optimizer.zero_grad()
        for x, y in loader:
            try:
                F.cross_entropy(net(x), y).backward()
                optimizer.step()
            finally:
                optimizer.zero_grad()
        """,
    "ignite": """
        from ignite.engine import Engine, Events, create_supervised_evaluator
        def update(engine, batch):
            net.train()
            optimizer.zero_grad()
            x, y = batch
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            return loss.item()
        def check(engine, batch):
            x, y = batch
            return net(x).argmax(1), y
        trainer, evaluator = Engine(update), Engine(check)
        @trainer.on(Events.EPOCH_COMPLETED)
        def measure(engine):
            evaluator.run(test_loader)
        trainer.run(loader, max_epochs=9)
        """,
    "ignite accumulates": """
        from ignite.engine import Engine
        def update(engine, batch):
            x, y = batch
            (F.cross_entropy(net(x), y) / 4).backward()
            if engine.state.iteration % 4 == 0:
                optimizer.step()
                optimizer.zero_grad()
        Engine(update).run(loader, max_epochs=9)
        """,
    "fastai": """
        from fastai.vision.all import DataLoaders, Learner, accuracy
        learner = Learner(DataLoaders(loader, test_loader), net, loss_func=F.cross_entropy, metrics=accuracy)
        for stage in range(3):
            learner.fit_one_cycle(1)
            for x, y in test_loader:
                print((learner.model(x).argmax(1) == y).sum())
        """,
    "catalyst": """
        from catalyst import dl
        class Runner(dl.Runner):
            def handle_batch(self, batch):
                x, y = batch
                scores = self.model(x)
                loss = F.cross_entropy(scores, y)
                self.batch_metrics["accuracy"] = (scores.argmax(1) == y).float().mean()
                if self.is_train_loader:
                    loss.backward()
                    self.optimizer.step()
                    self.optimizer.zero_grad()
        Runner().train(model=net, optimizer=optimizer, loaders={"train": loader}, num_epochs=9)
        """,
    "skorch": """
        from skorch import NeuralNetClassifier
        class Classifier(NeuralNetClassifier):
            def train_step_single(self, batch, **fit_params):
                self.module_.train()
                x, y = batch
                loss = self.get_loss(self.infer(x), y)
                loss.backward()
                return {"loss": loss}
        classifier = Classifier(net, max_epochs=9)
        classifier.fit(train_set.tensors[0], train_set.tensors[1])
        """,
    "transformers": """
        from transformers import Trainer, TrainingArguments
        class Tuned(Trainer):
            def compute_loss(self, model, inputs, return_outputs=False):
                out = model(inputs["x"])
                return F.cross_entropy(out, inputs["y"])
        Tuned(model=net, args=TrainingArguments("out"), train_dataset=train_set).train()
        """,
    "a callback sets the mode": """
        class Callback:
            def before_validation(self, trainer):
                trainer.model.eval()
            def after_validation(self, trainer):
                trainer.model.train()
        class Trainer:
            def __init__(self, model, callbacks):
                self.model, self.callbacks = model, callbacks
            def call(self, name):
                for callback in self.callbacks:
                    getattr(callback, name)(self)
            def validate(self):
                self.call("before_validation")
                with torch.no_grad():
                    for x, y in test_loader:
                        print((self.model(x).argmax(1) == y).sum())
                self.call("after_validation")
        Trainer(net, [Callback()]).validate()
        """,
    "a callback that is not known sets the mode": """
        from elsewhere import callbacks
        class Trainer:
            def __init__(self, model):
                self.model = model
            def validate(self):
                callbacks.before_validation(self)
                with torch.no_grad():
                    for x, y in test_loader:
                        print((self.model(x).argmax(1) == y).sum())
        Trainer(net).validate()
        """,
    "a callback clears the gradients": """
        class Clear:
            def after_step(self, trainer):
                trainer.optimizer.zero_grad()
        class Trainer:
            def __init__(self, callbacks):
                self.optimizer, self.callbacks = optimizer, callbacks
            def fit(self):
                for x, y in loader:
                    F.cross_entropy(net(x), y).backward()
                    self.optimizer.step()
                    for callback in self.callbacks:
                        callback.after_step(self)
        Trainer([Clear()]).fit()
        """,
    "a single layer has no mode": """
        layer = nn.Linear(20, 4)
        with torch.no_grad():
            for x, y in test_loader:
                print((layer(x).argmax(1) == y).sum())
        """,
    "an evaluation inside the loop over test sets": """
        net.eval()
        with torch.no_grad():
            for each in (loader, test_loader):
                for x, y in each:
                    print((net(x).argmax(1) == y).sum())
        """,
    "a model made of the children of another one": """
        from torchvision import models
        body = nn.Sequential(*list(models.resnet18(weights="DEFAULT").children())[:-1])
        body.eval()
        with torch.no_grad():
            for x, y in test_loader:
                print((body(x).argmax(1) == y).sum())
        """,
    "children of another model, in its own evaluation mode": """
        from torchvision import models
        resnet = models.resnet18(weights="DEFAULT")
        resnet.eval()
        body = nn.Sequential(*list(resnet.children())[:-1])
        with torch.no_grad():
            for x, y in test_loader:
                print((body(x).argmax(1) == y).sum())
        """,
}

SILENT |= {
    "a policy acts before it is trained": """
        states = torch.zeros(128, 20)
        for update in range(100):
            for t in range(128):
                with torch.no_grad():
                    action = net(states[t]).argmax(-1)
                    reward = (action * 0.5).sum()
            for epoch in range(4):
                for start in range(0, 128, 32):
                    optimizer.zero_grad()
                    net(states[start:]).mean().backward()
                    optimizer.step()
        """,
}

SILENT |= {
    f"nothing is dropped: {name}": f"""
        class Net(nn.Module):
            def __init__(self, p=0.0):
                super().__init__()
                self.rnn, self.drop, self.head = {rnn}, nn.Dropout(p), nn.Linear(8, 4)
            def forward(self, x):
                return self.head(self.drop(self.rnn(x)[0]))
        model = Net()
        adam = torch.optim.Adam(model.parameters())
        for x, y in loader:
            adam.zero_grad()
            F.cross_entropy(model(x), y).backward()
            adam.step()
        x_test = torch.randn(8, 20)
        with torch.no_grad():
            print(model(x_test).argmax(1))
        """
    for name, rnn in (
        ("a probability of 0", "nn.LSTM(20, 8, 2, dropout=p)"),
        ("a single recurrent layer", "nn.GRU(20, 8, 1, dropout=0.5)"),
        ("a single recurrent layer by default", "nn.RNN(input_size=20, hidden_size=8, dropout=0.5)"),
    )
}

SILENT |= {
    "what a model does in training mode is its own affair": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = nn.Linear(20, 4)
            def forward(self, x):
                return self.head(x + torch.randn(20) if self.training else x)
        model = Net()
        with torch.no_grad():
            for x, y in test_loader:
                print((model(x).argmax(1) == y).sum())
        """,
}

SILENT |= {
    f"gradients are cleared by hand: {use}": SEEN.format(use=use)
    for use in (
        "[p.grad.zero_() for p in net.parameters()]",
        "[p.grad.data.zero_() for p in net.parameters()]",
        "[p.grad.mul_(0) for p in net.parameters()]",
        "torch._foreach_zero_([p.grad for p in net.parameters()])",
        "for p in net.parameters(): p.grad = None",
        "for p in net.parameters(): del p.grad",
        "for p in net.parameters(): p.grad = torch.zeros_like(p)",
        "for p in net.parameters(): p.grad.data = torch.zeros_like(p)",
        "for p in net.parameters(): p.grad *= 0",
        "for p in net.parameters(): p.grad[:] = 0",
        "from elsewhere import clear; clear([p.grad for p in net.parameters()])",
        "net[0].weight.grad.fill_(0)",
    )
}

SILENT |= {
    "a metric is a module without parameters that are trained": """
        class Accuracy(nn.Module):
            def __init__(self):
                super().__init__()
                self.correct = nn.Parameter(torch.tensor(0.0), requires_grad=False)
                self.register_buffer("total", torch.zeros(1))
            def forward(self, scores, y):
                matches = (scores.argmax(dim=1) == y).sum()
                self.correct += matches
                return matches / y.numel()
        metric = Accuracy()
        net.eval()
        with torch.no_grad():
            for x, y in test_loader:
                print(metric(net(x), y).item())
        """,
}

SILENT |= {
    "a mode that is set in one of two branches": """
        def accuracy(batches, model):
            correct = 0
            for x, y in batches:
                if isinstance(model, nn.Module):
                    model.eval()
                    correct += (model(x).argmax(dim=1) == y).sum().item()
                    model.train()
                else:
                    correct += (model(x).argmax(dim=1) == y).sum().item()
            return correct
        """,
}

SILENT |= {
    f"one of two optimizers does not step: {name}": TWO + textwrap.dedent(program)
    for name, program in {
        "what another loss left behind is cleared": """
        for x, _ in loader:
            first.zero_grad()
            second.zero_grad()
            (-critic(maker(torch.randn(x.size(0), 5))).mean()).backward()
            first.step()
        """,
        "a penalty is made of gradients": """
        for x, _ in loader:
            second.zero_grad()
            (critic(maker(torch.randn(x.size(0), 5)).detach()).mean() - critic(x).mean()).backward()
            g = torch.autograd.grad(critic(x).sum(), critic.weight)
            second.step()
            first.zero_grad()
            (-critic(maker(torch.randn(x.size(0), 5))).mean()).backward()
            first.step()
        """,
        "both of them in a list": """
        for x, _ in loader:
            for each in (first, second):
                each.zero_grad()
            critic(maker(torch.randn(x.size(0), 5))).mean().backward()
            for each in (first, second):
                each.step()
        """,
        "its model has gradients that nothing uses": """
        for x, _ in loader:
            critic.zero_grad()
            maker.zero_grad()
            (-critic(maker(torch.randn(x.size(0), 5))).mean()).backward()
            first.step()
        """,
        "its gradients are looked at": """
        for x, _ in loader:
            first.zero_grad()
            critic(maker(torch.randn(x.size(0), 5))).mean().backward()
            first.step()
            second.zero_grad()
            critic(x).mean().backward()
            print(critic.weight.grad.norm())
        """,
    }.items()
}

SILENT |= SILENT_BEHIND | SILENT_COPIES | SILENT_SCALED
SILENT |= {
    f"a new head: {name}": HEAD.format(change=change)
    for name, change in (
        (
            "a group of its own",
            'model.fc = nn.Linear(512, 4)\noptimizer.add_param_group({"params": model.fc.parameters()})',
        ),
        ("a new optimizer", "model.fc = nn.Linear(512, 4)\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)"),
        ("without parameters", "model.fc = nn.Identity()"),
    )
}

SILENT |= {
    "a model of the program gets a head, and the optimizer its parameters": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Linear(20, 8)
                self.head = nn.Linear(8, 2)
            def forward(self, x):
                return self.head(self.body(x))
        model = Net()
        adam = torch.optim.Adam(model.parameters())
        model.head = nn.Linear(8, 4)
        adam.add_param_group({"params": model.head.parameters()})
        for x, y in loader:
            adam.zero_grad()
            F.cross_entropy(model(x), y).backward()
            adam.step()
        """,
    "parameters that are used in the first iteration only": """
        params = net.parameters()
        for step, (x, y) in enumerate(loader):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            if step == 0:
                torch.nn.utils.clip_grad_norm_(params, 1.0)
            optimizer.step()
        """,
    "two generators of parameters, one of them under a condition": """
        for step, (x, y) in enumerate(loader):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            params = net.parameters()
            if step % 2:
                torch.nn.utils.clip_grad_norm_(params, 1.0)
                params = net.parameters()
            torch.nn.utils.clip_grad_value_(params, 1.0)
            optimizer.step()
        """,
    "the loss of a helper that may go backward": """
        from elsewhere import fused_loss
        for x, y in loader:
            optimizer.zero_grad()
            loss = fused_loss(net(x), y)
            optimizer.step()
        """,
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert reported(SILENT[name]) == []
