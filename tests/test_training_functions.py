"""Training loops in functions that nobody calls: the model, the loader, the loss and the optimizer are arguments."""

from __future__ import annotations

import textwrap

import pytest
from fakes import check_text

PRELUDE = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"

REPORTED = {
    "no step of an optimizer that is an argument": (
        "missing-step",
        """
        def train(model, batches, optimizer, criterion):
            model.train()
            for x, y in batches:
                optimizer.zero_grad()
                loss = criterion(model(x), y)
                loss.backward()
                print(loss.item())
        """,
    ),
    "no step of a trainer's optimizer": (
        "missing-step",
        """
        class Trainer:
            def __init__(self, batches):
                self.batches = batches
                self.model = nn.Linear(20, 4)
                self.optimizer = torch.optim.Adam(self.model.parameters())
            def fit(self, epochs):
                for _ in range(epochs):
                    for x, y in self.batches:
                        self.optimizer.zero_grad()
                        F.cross_entropy(self.model(x), y).backward()
        """,
    ),
    "no backward pass, a known loss": (
        "missing-backward",
        """
        def train(model, batches, optimizer):
            model.train()
            for x, y in batches:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(x), y)
                optimizer.step()
                print(loss.item())
        """,
    ),
    "no backward pass, an unknown criterion": (
        "missing-backward",
        """
        def train(model, batches, optimizer, criterion, meter):
            model.train()
            for x, y in batches:
                loss = criterion(model(x), y)
                optimizer.zero_grad()
                optimizer.step()
                meter.update(loss.item(), len(x))
        """,
    ),
    "cleared nowhere, with a scaler or without": (
        "missing-zero-grad",
        """
        def train(model, batches, optimizer, criterion, half):
            scaler = torch.amp.GradScaler("cuda") if half else None
            for x, y in batches:
                loss = criterion(model(x), y)
                if scaler is not None:
                    scaler.scale(loss).backward()
                    scaler.step(optimizer)
                    scaler.update()
                else:
                    loss.backward()
                    optimizer.step()
        """,
    ),
    "a total in front of the backward pass, of a loss that is not known": (
        "graph-accumulation",
        """
        def train(model, batches, optimizer, criterion):
            total = 0.0
            for x, y in batches:
                loss = criterion(model(x), y)
                total += loss
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            return total
        """,
    ),
    "the same, weighted": (
        "graph-accumulation",
        """
        def train(model, batches, optimizer, criterion):
            total = 0.0
            for x, y in batches:
                loss = criterion(model(x), y)
                total += loss * len(x)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            return total
        """,
    ),
    "parameters that are moved by hand": (
        "missing-zero-grad",
        """
        w, b = torch.randn(20, 4, requires_grad=True), torch.zeros(4, requires_grad=True)
        for x, y in batches:
            loss = F.cross_entropy(x @ w + b, y)
            loss.backward()
            with torch.no_grad():
                w -= 0.1 * w.grad
                b -= 0.1 * b.grad
        """,
    ),
    "the parameters of a model, by a method": (
        "missing-zero-grad",
        """
        net = nn.Linear(20, 4)
        for epoch in range(10):
            for x, y in batches:
                F.cross_entropy(net(x), y).backward()
                for p in net.parameters():
                    p.data.sub_(p.grad.data * 0.1)
        """,
    ),
    "a function that processes run": (
        "scheduler-misuse",
        """
        import torch.multiprocessing as mp
        def work(rank, epochs):
            net = nn.Linear(20, 4)
            optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
            scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)
            for epoch in range(epochs):
                for x, y in batches:
                    optimizer.zero_grad()
                    F.cross_entropy(net(x), y).backward()
                    optimizer.step()
        if __name__ == "__main__":
            mp.spawn(work, args=(3,), nprocs=2)
        """,
    ),
}

SILENT = {
    "totals of numbers": """
        def train(model, batches, optimizer, criterion):
            first, second, third, fourth = 0, 0, 0, 0
            for x, y in batches:
                loss = criterion(model(x), y)
                first += loss.item() * len(x)
                second += loss.detach() * len(x)
                third += float(loss)
                fourth += loss.data
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            return first, second, third, fourth
        """,
    "a total that goes backward itself": """
        def train(model, batches, optimizer, criterion):
            for x, parts in batches:
                loss = 0
                for y in parts:
                    loss += criterion(model(x), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        """,
    "moved by hand, cleared behind": """
        w = torch.randn(20, 4, requires_grad=True)
        for x, y in batches:
            F.cross_entropy(x @ w, y).backward()
            with torch.no_grad():
                w -= 0.1 * w.grad
                w.grad.zero_()
        """,
    "moved by hand, cleared before": """
        net = nn.Linear(20, 4)
        for x, y in batches:
            net.zero_grad()
            F.cross_entropy(net(x), y).backward()
            for p in net.parameters():
                p.data -= 0.1 * p.grad
        """,
    "moved by hand, new tensors in each iteration": """
        w = torch.randn(20, 4, requires_grad=True)
        for x, y in batches:
            F.cross_entropy(x @ w, y).backward()
            with torch.no_grad():
                w -= 0.1 * w.grad
            w = w.detach().requires_grad_()
        """,
    "moved by hand, cleared by a helper perhaps": """
        w, b = torch.randn(20, 4, requires_grad=True), torch.zeros(4, requires_grad=True)
        for x, y in batches:
            F.cross_entropy(x @ w + b, y).backward()
            with torch.no_grad():
                w -= 0.1 * w.grad
            clear(w, b)
        """,
    "a step by hand, and not in each iteration": """
        w = torch.randn(20, 4, requires_grad=True)
        for step, (x, y) in enumerate(batches):
            F.cross_entropy(x @ w, y).backward()
            if step % 4 == 3:
                with torch.no_grad():
                    w -= 0.1 * w.grad
        """,
    "gradients of something else": """
        w, v = torch.randn(20, 4, requires_grad=True), torch.randn(20, 4, requires_grad=True)
        for x, y in batches:
            F.cross_entropy(x @ (w + v), y).backward()
            with torch.no_grad():
                w -= 0.1 * v.grad
        """,
    "a hook after the backward pass": """
        def train(model, batches, optimizer, criterion, hook):
            model.train()
            for x, y in batches:
                optimizer.zero_grad()
                criterion(model(x), y).backward()
                hook()
        """,
    "a method of an object that is not known": """
        def train(model, batches, optimizer, criterion, callbacks):
            model.train()
            for x, y in batches:
                optimizer.zero_grad()
                criterion(model(x), y).backward()
                callbacks.on_backward_end(x)
        """,
    "gradients of a model that are looked at": """
        def saliency(model, batches):
            found = []
            for x, y in batches:
                x.requires_grad = True
                model.zero_grad()
                F.cross_entropy(model(x), y).backward()
                found.append(x.grad)
            return found
        """,
    "what is cleared is a model": """
        def scores(model, batches, criterion):
            model.eval()
            for x, y in batches:
                model.zero_grad()
                criterion(model(x), y).backward()
        """,
    "who asks for the losses steps": """
        def losses(model, batches, optimizer, criterion):
            for x, y in batches:
                optimizer.zero_grad()
                loss = criterion(model(x), y)
                loss.backward()
                yield loss
        """,
    "the method of another object of the same name": """
        def train(model, batches, optimizer, criterion):
            for x, y in batches:
                optimizer.zero_grad()
                criterion(model(x), y).backward()
                optimizer.update()
        """,
    "a helper gets the loss": """
        def train(model, batches, optimizer, criterion, propagate):
            model.train()
            for x, y in batches:
                optimizer.zero_grad()
                propagate(criterion(model(x), y), x)
                optimizer.step()
        """,
    "a helper gets a known loss": """
        def train(model, batches, optimizer, propagate, half):
            model.train()
            for x, y in batches:
                optimizer.zero_grad()
                propagate(F.cross_entropy(model(x), y), half)
                optimizer.step()
        """,
    "a function that may be anything gets the batch": """
        def train(play, batches, optimizer):
            for x, y in batches:
                optimizer.zero_grad()
                play(x)
                optimizer.step()
        """,
    "the gradients of a loop before, and another backward pass": """
        def train(model, memory, optimizer, criterion, x, y, keep):
            for seen, labels in memory:
                optimizer.zero_grad()
                criterion(model(seen), labels).backward()
                keep(seen, labels)
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
        """,
}


def reported(program: str) -> list[str]:
    result = check_text(PRELUDE + textwrap.dedent(program))
    assert not result.errors, result.errors
    return [each.name for each in result.diagnostics if each.code.startswith("LR3")]


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name: str) -> None:
    rule, program = REPORTED[name]
    assert reported(program) == [rule]


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert reported(SILENT[name]) == []


MODES = {
    "one of two models that are not known": (
        """
        from models import Small, Large
        if small:
            net = Small()
        else:
            net = Large()
        """,
        "net",
    ),
    "an unknown model on several devices": (
        "from models import Large\nnet = nn.parallel.DistributedDataParallel(Large())",
        "net",
    ),
    "by its forward": ("from models import Large\nnet = Large()", "net.forward"),
}


@pytest.mark.parametrize("name", MODES)
@pytest.mark.parametrize("switch", ["", "net.eval()"])
def test_mode_of_a_model_that_is_not_known(name: str, switch: str) -> None:
    """Behind `train()`, an evaluation of whatever it is needs `eval()`."""
    made, call = MODES[name]
    program = f"""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(3):
        net.train()
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy({call}(x), y).backward()
            optimizer.step()
        {switch or "print(epoch)"}
        with torch.no_grad():
            correct = sum((({call}(x)).argmax(1) == y).sum().item() for x, y in test_batches)
        for x, y in test_batches:
            with torch.no_grad():
                correct += ({call}(x).argmax(1) == y).sum().item()
        print(correct)
    """
    text = PRELUDE + textwrap.dedent(made) + "\n" + textwrap.dedent(program)
    names = {each.name for each in check_text(text).diagnostics}
    assert ("evaluation-in-training-mode" in names) is not switch.startswith("net")


def test_a_long_class_is_followed_where_it_trains() -> None:
    """Functions that nobody calls share their fuel, but each function of a file that trains gets enough."""
    other = "".join(f"    def part{i}(self, x):\n" + "        x = x + 1\n" * 60 for i in range(6))
    training = textwrap.indent(
        textwrap.dedent("""
        def loss_of(self, x, y):
            return F.cross_entropy(self.model(x), y)
        def fit(self, batches):
            for x, y in batches:
                self.loss_of(x, y).backward()
                self.optimizer.step()
        """),
        "    ",
    )
    start = (
        "class Trainer:\n    def __init__(self):\n        self.model = nn.Linear(20, 4)\n"
        "        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)\n"
    )
    assert reported(start + other + training) == ["missing-zero-grad"]
