"""Every guard of the rules about data and devices, on small programs and on events made by hand."""

from __future__ import annotations

import inspect

import pytest
from fakes import PRELUDE, FakeSite, check_text, loss_call, operation, rules

from lrcheck.events import ApiUse, DatasetUse, DeviceChoice, DeviceMeeting, LoaderStart, MachinePath, Reshape
from lrcheck.facts import DatasetFacts, LoaderFacts, TensorFacts

RULES = rules()
MNIST = DatasetFacts("torchvision.datasets.MNIST", FakeSite("datasets.MNIST('data')"))


def lines(name: str, program: str) -> list[int]:
    """The lines of a program (without the imports) on which a rule reports."""
    result = check_text(PRELUDE + inspect.cleandoc(program) + "\n")
    assert not result.errors, result.errors
    return [each.span.line - PRELUDE.count("\n") for each in result.diagnostics if each.name == name]


# -- LR501
def test_a_transform_at_its_position_counts() -> None:
    program = """
        first = datasets.ImageFolder("data", transforms.ToTensor())
        second = datasets.MNIST("data", True, transforms.ToTensor())
        loaders = DataLoader(first, batch_size=8), DataLoader(second, batch_size=8)
    """
    assert lines("missing-to-tensor", program) == []


def test_without_the_name_transforms_there_is_no_fix() -> None:
    facts = DatasetFacts(MNIST.name, MNIST.site, tensors=False)
    (finding,) = RULES["missing-to-tensor"].check(DatasetUse(FakeSite(), facts, LoaderFacts()))
    assert finding.fix is None
    assert list(RULES["missing-to-tensor"].check(DatasetUse(FakeSite(), facts, LoaderFacts(collate=True)))) == []


# -- LR502
@pytest.mark.parametrize(
    "program",
    [
        "try:\n    net = nn.Linear(2, 2).cuda()\nexcept RuntimeError:\n    pass",
        "torch.cuda.set_device(0)\nnet = nn.Linear(2, 2).cuda()",
        "if torch.cuda.device_count() == 0:\n    raise SystemExit\nnet = nn.Linear(2, 2).cuda()",
        "device = torch.device('cpu')",
        "device = torch.device(options.device)",
    ],
)
def test_a_guarded_device_is_silent(program: str) -> None:
    assert lines("hard-coded-device", program) == []


def test_a_fallback_that_is_not_used_everywhere() -> None:
    program = """
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        net = nn.Linear(20, 4).to(device)
        out = net(x.cuda())
    """
    assert lines("hard-coded-device", program) == [3]


def test_the_fix_needs_a_name_and_plain_calls() -> None:
    site = FakeSite('torch.device("cuda:0")')
    without_name = DeviceChoice(site, "cuda:0", uses=(FakeSite("x.cuda()"),))
    other_call = DeviceChoice(site, "cuda:0", uses=(FakeSite("x.to('cuda')"),), variable="device")
    for choice in (without_name, other_call):
        (finding,) = RULES["hard-coded-device"].check(choice)
        assert finding.fix is None


# -- LR503
def test_devices_that_are_the_same_or_not_known() -> None:
    program = """
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        net = nn.Linear(20, 4).to(device)
        kind = torch.cuda.FloatTensor if torch.cuda.is_available() else torch.FloatTensor
        batch = torch.zeros(8, 20)
        first = net(batch.type(kind))
        second = net(torch.zeros(8, 20, device=device))
    """
    assert lines("device-mismatch", program) == []


def test_a_loss_without_parameters_is_everywhere() -> None:
    program = """
        class Smoothed(nn.Module):
            def forward(self, out, y):
                return F.cross_entropy(out, y)

        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        criterion = Smoothed()
        loss = criterion(torch.zeros(8, 20, device=device), y)
    """
    assert lines("device-mismatch", program) == []


def test_only_a_name_is_moved_by_the_fix() -> None:
    meeting = DeviceMeeting(FakeSite(), FakeSite("batch[0]"), "auto", "cpu", None, "device")
    (finding,) = RULES["device-mismatch"].check(meeting)
    assert finding.fix is None


# -- LR504
def test_other_statements_are_no_moves() -> None:
    assert list(RULES["discarded-result"].check(ApiUse(FakeSite(), "torch.Tensor.to"))) == []
    assert list(RULES["discarded-result"].check(ApiUse(FakeSite(), "torch.Tensor.add_", statement=True))) == []


# -- LR507
def test_a_loader_without_workers_starts_nothing() -> None:
    start = LoaderStart(FakeSite(), LoaderFacts(workers=0), top_level=True, workers_site=FakeSite())
    assert list(RULES["workers-without-main-guard"].check(start)) == []


# -- LR508
@pytest.mark.parametrize(
    "text",
    ["/home/anna", "/home/anna/data/mnist", "/Users/anna/x.pt", "C:\\Users\\anna", "E:/data", "/root/data"],
)
def test_paths_of_one_machine(text: str) -> None:
    assert len(list(RULES["machine-path"].check(MachinePath(FakeSite(), text, repr(text))))) == 1


@pytest.mark.parametrize(
    "text",
    ["/", "/home", "/opt/x", "/usr/lib", "a: b", "C:\\Program Files\\x", "http://a/home/b", "/data/x", "/workspace"],
)
def test_paths_of_every_machine(text: str) -> None:
    assert list(RULES["machine-path"].check(MachinePath(FakeSite(), text, repr(text)))) == []


# -- LR511
def test_a_test_split_somewhere_is_enough() -> None:
    program = """
        first = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
        second = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
        third = datasets.MNIST("data", train=False, transform=transforms.ToTensor())
        loaders = DataLoader(first, shuffle=True), DataLoader(second), DataLoader(third)
    """
    assert lines("train-data-as-test", program) == []


# -- LR514
@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        (("N", 1, 28, 28), (-1, 784)),
        (("N", 1, 28, 28), (-1, 392)),
        (("N", None, 28), (-1, 100)),
        (("N", 4, 4), (-1, "M")),
        (None, (-1, 3)),
    ],
)
def test_rows_that_hold_whole_parts_of_samples(
    shape: tuple[int | str | None, ...], wanted: tuple[int | str, ...]
) -> None:
    assert list(RULES["batch-dim-mixed"].check(Reshape(FakeSite(), TensorFacts(shape=shape), wanted))) == []


@pytest.mark.parametrize(
    ("axes", "rank", "wanted"),
    [
        ((1, 0, None), 4, ()),
        ((1, 0, None, None), 4, ()),
        ((1, 0, 2, None), None, ()),
        ((1, 0, 2, 3), 4, ()),
        ((0, 1, 3, 2), 4, ()),
        ((0, 2, 1), 3, ()),
        ((0, 2, 3), 4, ()),
        ((0, 2, 3, 1), 5, ()),
        ((0, None, 1, None), 3, (None, 1, None, 64)),
        ((0, None, 1, None), 2, (None, 8, None, 64)),
        ((0, None, 1, None), None, (None, 8, None, 64)),
    ],
)
def test_views_that_may_keep_every_element(
    axes: tuple[int | None, ...], rank: int | None, wanted: tuple[int | None, ...]
) -> None:
    assert list(RULES["batch-dim-mixed"].check(Reshape(FakeSite(), TensorFacts(), wanted, axes, rank))) == []


@pytest.mark.parametrize("wanted", [(1, -1, 784), (4, -1, 784), (28, -1, 14), ("N", -1, 28), (28, -1, None)])
def test_parts_of_a_batch(wanted: tuple[int | str | None, ...]) -> None:
    images = TensorFacts(shape=("N", 1, 28, 28))
    assert list(RULES["batch-dim-mixed"].check(Reshape(FakeSite(), images, wanted))) == []


# -- LR516
def test_statistics_of_another_range_need_scaled_values() -> None:
    site = FakeSite("transforms.Normalize((127.5,), (127.5,))")
    facts = DatasetFacts(MNIST.name, MNIST.site, normalise=((127.5,), (127.5,), site), channels=1, scaled=None)
    assert list(RULES["normalisation-channels"].check(DatasetUse(FakeSite(), facts))) == []


# -- LR522
@pytest.mark.parametrize(
    "operand",
    [
        TensorFacts(shape=(8, 1), out_features=1),
        TensorFacts(shape=("N", 4)),
        TensorFacts(shape=("N", 1, 1)),
        TensorFacts(out_features=1, roots=frozenset({"constant", "model"})),
    ],
)
def test_a_squeeze_that_keeps_the_batch(operand: TensorFacts) -> None:
    squeezed = operation("squeeze", "out.squeeze()", operand=operand)
    call = loss_call("nn.MSELoss", TensorFacts(squeezed=squeezed))
    assert list(RULES["squeeze-drops-batch"].check(call)) == []


# -- LR524
def test_a_transform_that_is_replaced_later() -> None:
    program = """
        noisy = transforms.Compose([transforms.RandomRotation(5), transforms.ToTensor()])
        data = datasets.MNIST("data", train=True, transform=noisy)
        train, check = torch.utils.data.random_split(data, [50000, 10000])
        check.dataset.transform = transforms.ToTensor()
        loaders = DataLoader(train, shuffle=True), DataLoader(check)
    """
    assert lines("split-shares-transform", program) == []
