"""Units of numbers: what the observer says that a program divides and shows."""

from __future__ import annotations

import textwrap

import pytest
from fakes import PRELUDE, check_text

from lrcheck.events import Measure
from lrcheck.facts import ScalarFacts
from lrcheck.static.document import read_document
from lrcheck.static.observer import observe

DATA = """\
test = datasets.MNIST("data", train=False, transform=transforms.ToTensor())
loader = DataLoader(test, batch_size=64)
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
criterion = nn.CrossEntropyLoss()
"""


def unit(facts: ScalarFacts) -> str:
    """`100 accuracy samples / batches`."""
    above = [f"{amount.kind}" for amount, power in facts.powers for _ in range(max(power, 0))]
    below = [f"/ {amount.kind}" for amount, power in facts.powers for _ in range(max(-power, 0))]
    scale = "" if facts.scale == 1 else f"{facts.scale:g} "
    return " ".join([scale + facts.quantity.value, *above, *below])


def shown(program: str) -> list[str]:
    """The units of what a program prints, in order."""
    text = PRELUDE + DATA + textwrap.dedent(program)
    document = read_document("example.py", data=text.encode())
    events = observe(document).events
    return [
        unit(event.value)
        for event in events
        if isinstance(event, Measure) and event.kind not in ("division", "compute")
    ]


def in_loop(body: str, before: str = "total = 0", after: str = "print(total)") -> list[str]:
    lines = "\n".join(f"    {line}" for line in textwrap.dedent(body).strip().splitlines())
    return shown(f"{before}\nfor i, (x, y) in enumerate(loader):\n{lines}\n{after}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("(net(x).argmax(1) == y).sum().item()", "accuracy samples"),
        ("net(x).argmax(dim=1).eq(y).sum()", "accuracy samples"),
        ("torch.sum(torch.max(net(x), 1)[1] == y).item()", "accuracy samples"),
        ("(net(x).argmax(1, keepdim=True) == y.view(-1, 1)).float().sum().item()", "accuracy samples"),
        ("(net(x).argmax(1) == y).float().mean().item()", "accuracy batches"),
        ("int((net(x).argmax(1) == y).sum()) / y.size(0)", "accuracy batches"),
        ("(net(x).argmax(1) == y).sum().item() / len(y) * 100", "100 accuracy batches"),
        ("criterion(net(x), y).item()", "loss batches"),
        ("criterion(net(x), y).item() * x.size(0)", "loss samples"),
        ("criterion(net(x), y).item() * x.shape[0]", "loss samples"),
        ("float(criterion(net(x), y)) * len(y)", "loss samples"),
        ("F.cross_entropy(net(x), y, reduction='sum').item()", "loss samples"),
        ("F.cross_entropy(net(x), y, reduction='none').mean().item()", "loss batches"),
        ("F.cross_entropy(net(x), y, reduction='none').sum().item()", "loss samples"),
        ("criterion(net(x), y).detach().cpu().numpy()", "loss batches"),
    ],
)
def test_sums_over_a_loop(value: str, expected: str) -> None:
    assert in_loop(f"total += {value}") == [expected]
    assert in_loop(f"total = total + {value}") == [expected]


@pytest.mark.parametrize(
    ("divisor", "expected"),
    [
        ("len(loader)", "loss"),
        ("len(test)", "loss batches / samples"),
        ("len(loader.dataset)", "loss batches / samples"),
        ("10000", "loss batches / samples"),
        ("(i + 1)", "loss"),
        ("steps", "loss"),
        ("seen", "loss batches / samples"),
        ("2000", "0.0005 loss batches"),
    ],
)
def test_divisors(divisor: str, expected: str) -> None:
    body = "total += criterion(net(x), y).item()\nsteps += 1\nseen += y.size(0)"
    assert in_loop(body, "total, steps, seen = 0.0, 0, 0", f"print(total / {divisor})") == [expected]


def test_lists_and_dictionaries_and_attributes() -> None:
    body = """
        losses.append(criterion(net(x), y).item())
        state["loss"] += criterion(net(x), y).item()
    """
    after = "print(sum(losses) / len(losses), state['loss'])\nimport numpy as np\nprint(np.mean(losses))"
    assert in_loop(body, "losses, state = [], {'loss': 0.0}", after) == ["loss", "loss batches", "loss"]


METER = """
class Meter:
    def __init__(self):
        self.reset()

    def reset(self):
        self.val, self.avg, self.sum, self.count = 0, 0, 0, 0

    def update(self, val, n=1):
        self.val = val
        self.sum += val * n
        self.count += n
        self.avg = self.sum / self.count

losses, hits = Meter(), Meter()
"""


def test_a_meter_is_read_as_code() -> None:
    body = """
        out = net(x)
        losses.update(criterion(out, y).item(), x.size(0))
        hits.update(100 * (out.argmax(1) == y).float().mean().item(), x.size(0))
    """
    assert in_loop(body, METER, "print(losses.avg, hits.avg, losses.sum)") == ["loss", "100 accuracy", "loss samples"]


def test_totals_carried_over_epochs() -> None:
    program = """
        carried = 0
        for epoch in range(10):
            fresh = 0
            for x, y in loader:
                carried += criterion(net(x), y).item()
                fresh += criterion(net(x), y).item()
            print(carried, fresh)
    """
    assert shown(program) == ["loss batches epochs", "loss batches"]


@pytest.mark.parametrize(
    "body",
    [
        "if i % 10 == 0:\n    total += criterion(net(x), y).item()",  # not every batch
        "if skipped(x):\n    continue\ntotal += criterion(net(x), y).item()",
        "total += criterion(net(x), y).item() ** 2",
        "total += (y == 3).sum().item()",  # a count of labels, not of matches
        "total += (net(x).argmax(1) == y)[y == 3].sum().item()",  # some of the samples
        "total += (1 - criterion(net(x), y)).item()",
        "total = 0.9 * total + 0.1 * criterion(net(x), y).item()",
        "total -= criterion(net(x), y).item()",
        "total += -criterion(net(x), y).item()",
    ],
)
def test_what_is_not_certain_has_no_unit(body: str) -> None:
    assert in_loop(body) == []


def test_pixels_are_no_samples() -> None:
    body = "total += (nn.Conv2d(1, 2, 1)(x).argmax(1) == x[:, 0]).sum().item()"
    assert in_loop(body) == []


def test_a_loop_that_may_end_early_has_no_amounts() -> None:
    body = "total += criterion(net(x), y).item()\nif i > 10:\n    break"
    assert in_loop(body) == ["loss steps"]  # of as many as there were, which is not `len(loader)`
    assert in_loop(f"if i > 10:\n    break\n{body}") == ["loss steps"]


@pytest.mark.parametrize(
    ("test", "unit"),
    [
        ("args.dry_run", "loss batches"),  # ends the loop in its first iteration or never
        ("args.dry_run()", "loss steps"),
        ("args.steps == i", "loss steps"),
        ("args.dry_run and i > 3", "loss steps"),
        ("dry_run", "loss steps"),
    ],
)
def test_switches_for_smoke_tests(test: str, unit: str) -> None:
    assert in_loop(f"total += criterion(net(x), y).item()\nif {test}:\n    break") == [unit]


@pytest.mark.parametrize("change", ["args.dry_run = late(i)", "step(args)", "args.step()", "args.dry_run |= late(i)"])
def test_switches_that_the_loop_turns(change: str) -> None:
    body = f"{change}\ntotal += criterion(net(x), y).item()\nif args.dry_run:\n    break"
    assert in_loop(body) == ["loss steps"]


@pytest.mark.parametrize("prediction", ["out.max(1)[1]", "out.argmax(1)", "out.argmax(-1)", "out.max(-1)[1]"])
def test_predictions_of_unknown_models(prediction: str) -> None:
    body = f"out = model(x)\ntotal += {prediction}.eq(y).sum().item()"
    assert in_loop(body) == ["accuracy samples"]
    body = "out = model(x)\n_, predicted = out.max(1)\ntotal += (predicted == y).sum().item()"
    assert in_loop(body) == ["accuracy samples"]


@pytest.mark.parametrize(
    ("before", "divisor", "line"),
    [
        ("wrong += (out.argmax(1) != y).sum().item()", "len(test)", []),
        ("wrong += (out.argmax(1) != y).sum().item()", "len(loader)", [5]),
        ("wrong += out.argmax(1).ne(y).sum().item()", "len(loader)", [5]),
    ],
)
def test_error_rates(before: str, divisor: str, line: list[int]) -> None:
    program = f"""
        wrong = 0
        for x, y in loader:
            out = net(x)
            {before}
        print("errors", 1 - wrong / {divisor})
        print(f"accuracy {{1 - wrong / 10000:.2f}}%")
    """
    assert reported(program, "LR203") == line
    assert reported(program, "LR202") == [6]


def test_a_share_of_the_data_set_is_a_fraction() -> None:
    program = """
        options = {"num_workers": 1} if fast else {}
        part = DataLoader(test, batch_size=64, **options)
        correct = 0
        for x, y in part:
            correct += (net(x).argmax(1) == y).sum().item()
        print(f"{correct}/{len(part.dataset)} ({correct / len(part.dataset):.2f}%)")
        print(f"{correct}%")
    """
    assert reported(program, "LR202") == [6]


def test_an_accuracy_is_not_added_to_an_error_rate() -> None:
    assert in_loop("total += (net(x).argmax(1) == y).sum() + (net(x).argmax(1) != y).sum()") == []


def test_the_best_of_all_epochs_has_the_unit_of_the_others() -> None:
    program = """
        best, last = 0, 0
        for epoch in range(10):
            correct = 0
            for i, (x, y) in enumerate(loader):
                correct += (net(x).argmax(1) == y).sum().item()
                if i % 100 == 0:
                    last = (net(x).argmax(1) == y).float().mean().item()
            if correct / len(test) > best:
                best = correct / len(test)
        print(best, last)
    """
    assert shown(program) == ["accuracy"]


def test_one_of_two_loaders() -> None:
    program = """
        if small:
            chosen = DataLoader(test, batch_size=8)
        else:
            chosen = DataLoader(datasets.CIFAR10("data", train=False), batch_size=64)
        total = 0
        for x, y in chosen:
            total += criterion(net(x), y).item()
        print(total / len(chosen), total / len(chosen.dataset))
    """
    assert shown(program) == ["loss", "loss batches / samples"]


def test_windows_are_silent() -> None:
    body = """
        total += criterion(net(x), y).item()
        if i % 100 == 99:
            print("loss", total / 100)
            total = 0.0
    """
    assert "loss batches" not in in_loop(body, after="")


def reported(program: str, code: str) -> list[int]:
    """The lines of a program with findings of one rule."""
    text = PRELUDE + DATA + textwrap.dedent(program).lstrip("\n")
    first = (PRELUDE + DATA).count("\n")
    return [each.span.line - first for each in check_text(text).diagnostics if each.code == code]


def test_a_mean_of_full_batches_inside_the_loop_is_a_mean() -> None:
    program = """
        total = 0
        for i, (x, y) in enumerate(loader, 1):
            total += (net(x).argmax(1) == y).float().mean()
            print("acc", total / i)
        print("acc", total / i)
    """
    assert reported(program, "LR203") == [5]


def test_the_last_loss_of_a_list_of_models_is_not_of_an_epoch() -> None:
    program = """
        def trained(net):
            losses = []
            for epoch in range(2):
                for x, y in loader:
                    loss = criterion(net(x), y)
                    loss.backward()
                    losses.append(loss.item())
            return losses

        for name in ("small", "large", "huge"):
            print(name, "loss", trained(net)[-1])
    """
    assert reported(program, "LR214") == []


def test_templates() -> None:
    program = """
        import logging
        acc = (net(x).argmax(1) == y).float().mean()
        print("acc %.2f%%" % acc)
        print("epoch %d acc %.2f%%" % (1, acc))
        print("acc {0:.2f}%".format(acc))
        print("acc {acc:.2f}%".format(acc=acc))
        print(f"acc {acc:.2f} %")
        logging.info("acc %.2f%%", acc)
        print("acc", acc, "%")
        print("acc", acc, "percentile")
        print("loss %.2f acc %.2f" % (0.5, acc))
    """
    assert reported(program, "LR202") == [3, 4, 5, 6, 7, 8, 9]


def test_a_batch_mean_divided_by_the_batch_size() -> None:
    program = """
        for x, y in loader:
            loss = criterion(net(x), y)
            print("loss", loss.item() / y.size(0))
            print("loss", loss.item() / y.size(0) * len(y))
            print("loss", criterion(net(x), y).item())
    """
    assert reported(program, "LR204") == [4 - 1]


@pytest.mark.parametrize(
    "update",
    [
        "mean += (value - mean) / (i + 1)",
        "mean = mean + (value - mean) / (i + 1)",
        "n += 1\nmean += (value - mean) / n",
        "seen += y.size(0)\nmean += (value - mean) * y.size(0) / seen",
        "mean = mean * i / (i + 1) + value / (i + 1)",
        "mean = mean * (i / (i + 1)) + value / (i + 1)",
    ],
)
def test_running_means_are_means(update: str) -> None:
    body = f"value = criterion(net(x), y).item()\n{update}"
    before = "mean, n, seen = 0.0, 0, 0"
    assert in_loop(body, before, "print(mean, mean / len(loader))") == ["loss", "loss / batches"]


@pytest.mark.parametrize(
    "update",
    [
        "mean += (value - mean) / len(loader)",
        "mean += (value - mean) * 0.1",
        "mean = mean * i / (i + 1) + value / (i + 2)",
        "mean = mean * i + value",
        "mean = 0.9 * mean + 0.1 * value",
        "best = value - mean",
    ],
)
def test_other_running_means_have_no_unit(update: str) -> None:
    assert in_loop(f"value = criterion(net(x), y).item()\n{update}", "mean = 0.0", "print(mean)") == []


def test_passes_that_end_early_have_added_what_came_before() -> None:
    body = "total += criterion(net(x), y).item()\nif i % 10:\n    continue\nshow(x)"
    assert in_loop(body) == ["loss batches"]
    assert in_loop("if bad(x):\n    continue\ntotal += criterion(net(x), y).item()") == []


@pytest.mark.parametrize(
    "before",
    ["sums = defaultdict(float)", "sums = defaultdict(lambda: 0.0)", "sums = {'loss': 0}", "sums = dict(loss=0)"],
)
def test_sums_in_dictionaries(before: str) -> None:
    body = "sums['loss'] += criterion(net(x), y).item()"
    after = "print(sums['loss'] / len(test))"
    assert in_loop(body, f"from collections import defaultdict\n{before}", after) == ["loss batches / samples"]


def test_first_values_in_dictionaries() -> None:
    after = "print(sums['loss'])"
    body = "sums['loss'] = sums.get('loss', 0) + criterion(net(x), y).item()"
    assert in_loop(body, "sums = {}", after) == ["loss batches"]
    body = "if 'loss' not in sums:\n    sums['loss'] = 0\nsums['loss'] += criterion(net(x), y).item()"
    assert in_loop(body, "sums = {}", after) == ["loss batches"]
    body = "sums['loss'] = 0\nsums['loss'] += criterion(net(x), y).item()"
    assert in_loop(body, "sums = {}", after) == ["loss"]  # of the last batch


def test_lists_grow_with_the_batches() -> None:
    body = "h['loss'].append(criterion(net(x), y).item())"
    before = "from collections import defaultdict\nh = defaultdict(list)"
    after = "print(sum(h['loss']) / len(test), sum(h['loss']) / len(h['loss']), sum(h['loss']) / len(loader))"
    assert in_loop(body, before, after) == ["loss batches / samples", "loss", "loss"]
    once = "if i % 10 == 0:\n    losses.append(criterion(net(x), y).item())"
    after = "print(sum(losses) / len(losses), sum(losses) / len(test))"
    assert in_loop(once, "losses = []", after) == []


def test_named_tuples() -> None:
    program = """
        from collections import namedtuple
        from typing import NamedTuple
        Result = namedtuple("Result", "loss, accuracy")
        class Other(NamedTuple):
            accuracy: float
        accuracy = (net(x).argmax(1) == y).float().mean().item()
        result = Result(0.5, accuracy=accuracy)
        loss, again = result
        print(result.accuracy, result[1], again, Other(accuracy).accuracy, result.loss)
    """
    assert shown(program) == ["accuracy"] * 4


SPLIT = """
whole = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
first, second = torch.utils.data.random_split(whole, {sizes})
part = DataLoader(second, batch_size=64)
correct = 0
for x, y in part:
    correct += (net(x).argmax(1) == y).sum().item()
"""


@pytest.mark.parametrize(
    ("sizes", "divisor", "wrong"),
    [
        ("[50000, 10000]", "len(whole)", True),
        ("[50000, 10000]", "60000", True),
        ("[50000, 10000]", "len(first)", True),
        ("[50000, 10000]", "len(second)", False),
        ("[50000, 10000]", "len(part.dataset)", False),
        ("[50000, 10000]", "10000", False),
        ("[0.9, 0.1]", "len(first)", True),
        ("[0.9, 0.1]", "6000", False),
        ("[n, m]", "len(whole)", True),
        ("[n, m]", "len(first)", False),  # it may be as long
        ("[n, m]", "len(second)", False),
        ("sizes", "len(whole)", False),
    ],
)
def test_parts_of_a_split(sizes: str, divisor: str, wrong: bool) -> None:
    program = SPLIT.replace("{sizes}", sizes) + f"print('accuracy', correct / {divisor})\n"
    assert reported(program, "LR203") == ([7] if wrong else [])


METRIC = """
import torchmetrics
metric = torchmetrics.{made}
for epoch in range(10):
    {start}
    for x, y in loader:
        {update}
    print("metric", metric.compute())
    {end}
"""


@pytest.mark.parametrize(
    ("made", "start", "update", "end", "lines"),
    [
        ("Accuracy(task='binary')", "pass", "metric.update(net(x), y)", "pass", [7]),
        ("Accuracy(task='binary').to(device)", "pass", "value = metric(net(x), y)", "pass", [7]),
        ("MeanMetric()", "pass", "metric.update(criterion(net(x), y), len(x))", "pass", [7]),
        ("AUROC(task='binary')", "pass", "metric(net(x), y)", "pass", [7]),
        ("Accuracy(task='binary')", "metric.reset()", "metric.update(net(x), y)", "pass", []),
        ("Accuracy(task='binary')", "pass", "metric.update(net(x), y)", "metric.reset()", []),
        ("Accuracy(task='binary')", "metric = torchmetrics.AUROC()", "metric.update(net(x), y)", "pass", []),
        ("Accuracy(task='binary')", "pass", "metric.update(net(x), y)", "finish(metric)", []),
        ("Accuracy(task='binary')", "pass", "metric.update(net(x), y)", "metric.sync()", []),
        ("Dice()", "pass", "metric.update(net(x), y)", "pass", []),
    ],
)
def test_metric_objects(made: str, start: str, update: str, end: str, lines: list[int]) -> None:
    program = METRIC.format(made=made, start=start, update=update, end=end)
    assert reported(program, "LR213") == lines


def test_the_metrics_of_this_package() -> None:
    program = """
        from lrcheck.metrics import Accuracy, Mean
        loss, accuracy = Mean(), Accuracy()
        for epoch in range(10):
            for x, y in loader:
                loss.add(criterion(net(x), y), len(y))
                accuracy.add(net(x), y)
            print(f"{loss.value:.4f} {accuracy.value:.2f}%")
            accuracy.reset()
    """
    assert shown(program) == ["loss", "accuracy"]
    assert reported(program, "LR202") == [7]
    assert reported(program, "LR213") == [7]


def test_values_of_metric_objects() -> None:
    program = """
        import torchmetrics
        from torchmetrics.functional import accuracy
        right, mean = torchmetrics.Accuracy(task="multiclass", num_classes=10), torchmetrics.MeanMetric()
        total, batches = 0, 0
        for x, y in loader:
            total += right(net(x), y).item()
            batches += accuracy(net(x), y)
            mean.update(criterion(net(x), y))
        print(total, batches, 100 * right.compute().item(), mean.compute())
    """
    assert shown(program) == ["accuracy batches", "accuracy batches", "100 accuracy", "loss"]


def test_a_total_that_is_carried_over_is_moved_into_the_loop() -> None:
    program = """
        correct = 0
        for epoch in range(10):
            net.train()
            for x, y in loader:
                correct += (net(x).argmax(1) == y).sum().item()
            print("acc", correct / len(test))
    """
    fixes = {each.code: each.fix for each in check_text(PRELUDE + DATA + textwrap.dedent(program)).diagnostics}
    fix = fixes["LR213"]
    assert fix is not None
    assert fix.message == "start every epoch with `correct = 0`"
    assert [edit.text for edit in fix.edits] == ["", "    correct = 0\n"]


@pytest.mark.parametrize(
    "changes",
    [
        {"correct = 0\n": "correct = count = 0\n"},
        {"correct = 0\n": "correct = 0\nprint(correct)\n"},
        {'print("acc", correct / len(test))': 'print("acc", correct / len(test))\nprint(correct)'},
    ],
)
def test_a_total_that_means_more_is_left_where_it_is(changes: dict[str, str]) -> None:
    text = "correct = 0\nfor epoch in range(10):\n    for x, y in loader:\n"
    text += '        correct += (net(x).argmax(1) == y).sum().item()\n    print("acc", correct / len(test))'
    for old, new in changes.items():
        text = text.replace(old, new)
    found = [each for each in check_text(PRELUDE + DATA + text).diagnostics if each.code == "LR213"]
    assert [each.fix for each in found] == [None]


def test_an_accuracy_of_scikit_learn_is_no_error_rate() -> None:
    text = "from sklearn.metrics import accuracy_score\ntotal = 0\nfor x, y in loader:\n"
    text += "    total += accuracy_score(y, net(x).argmax(1))\nprint(total / len(loader.dataset))"
    notes = [each.note for each in check_text(PRELUDE + DATA + text).diagnostics if each.code == "LR203"]
    assert [note.split(" is ")[0] for note in notes] == ["the accuracy"]
