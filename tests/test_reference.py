"""The reference implementations: options, data, checkpoints, curves. Each runs here for an epoch or two."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from lrcheck.fixtures import data, recording, reference  # type: ignore[import-not-found]  # lies in fixtures/
from lrcheck.proof import metrics
from lrcheck.proof.pairs import every_pair

REFERENCES = {pair.folder.name: pair.fixed for pair in every_pair() if pair.is_reference}
ON_IMAGES = sorted(REFERENCES.keys() - {"binary_toy", "linear_regression"})


def run(name: str, *arguments: str | Path, folder: Path | None = None) -> dict[str, Any]:
    """Run a reference implementation in this process."""
    job = {"program": str(REFERENCES[name]), "seed": 0, "arguments": [*map(str, arguments)]}
    answer: dict[str, Any] = recording.record(job | ({"data": str(folder)} if folder else {}))
    return answer


def final(answer: dict[str, Any]) -> list[str]:
    """What a run prints at its end."""
    assert answer["error"] is None, answer
    return [line for line in str(answer["output"]).splitlines() if not line.startswith("epoch")][-2:]


@pytest.fixture(scope="module")
def small_mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real IDX files of MNIST and Fashion-MNIST with a few digits."""
    root = tmp_path_factory.mktemp("data")
    for train in (True, False):
        digits = data.Digits(train)
        for name in ("MNIST", "FashionMNIST"):
            recording.write_idx(root / name / "raw", digits.data[:200], digits.targets[:200], train)
    return root


def test_there_is_a_reference_for_every_topic() -> None:
    expected = {"binary_toy", "linear_regression", "mnist_softmax_regression", "softmax_by_hand"}
    assert expected | {"low_level_mlp", "high_level_mlp", "device_mlp", "visdom_mlp"} <= REFERENCES.keys()


@pytest.mark.parametrize("name", ON_IMAGES)
@pytest.mark.parametrize("kind", ["mnist", "fashion-mnist"])
def test_torchvision_reads_the_files(name: str, kind: str, small_mnist: Path) -> None:
    answer = run(name, "--data", kind, "--data-dir", small_mnist, "--epochs", "1", "--device", "cpu")
    found = metrics.read("\n".join(final(answer)))
    assert 0 <= found["accuracy"] <= 1
    assert round(found["accuracy"] * 200, 1) == int(round(found["accuracy"] * 200, 1)), "a fraction of all 200 samples"
    assert answer["steps"] in {4, 7}, "200 samples in batches of 50 or 32"


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_a_resumed_run_ends_as_the_whole_one(name: str, tmp_path: Path, small_mnist: Path) -> None:
    images = ["--data", "mnist", "--data-dir", str(small_mnist)] if name in ON_IMAGES else []
    checkpoint = tmp_path / "checkpoint.pt"
    whole = run(name, *images, "--epochs", "3")
    first = run(name, *images, "--epochs", "1", "--checkpoint", checkpoint)
    rest = run(name, *images, "--epochs", "3", "--checkpoint", checkpoint, "--resume")
    assert final(first) != final(whole)
    assert final(rest) == final(whole)
    assert first["losses"] + rest["losses"] == whole["losses"]
    assert list(tmp_path.iterdir()) == [checkpoint], "no unfinished file is left"


@pytest.mark.parametrize("name", ON_IMAGES)
def test_the_last_line_is_right_to_the_last_digit(name: str, tmp_path: Path, small_mnist: Path) -> None:
    """Computed anew from the saved weights, in float64 and for all samples at once."""
    checkpoint = tmp_path / "checkpoint.pt"
    said = final(run(name, "--data", "mnist", "--data-dir", small_mnist, "--epochs", "2", "--checkpoint", checkpoint))
    weights = [tensor.double() for tensor in torch.load(checkpoint, weights_only=True)["weights"].values()]
    digits = data.Digits(train=False)
    x, y = digits.data[:200].double().flatten(1) / 255, digits.targets[:200]
    if "mlp" in name:
        x = (x - 0.1307) / 0.3081
    for layer, (weight, bias) in enumerate(zip(weights[::2], weights[1::2], strict=True)):
        if layer:
            x = torch.nn.functional.leaky_relu(x, 0.01 if name in {"device_mlp", "visdom_mlp"} else 0.0)
        x = x @ (weight if name == "softmax_by_hand" else weight.T) + bias
    loss = torch.nn.functional.cross_entropy(x, y).item()
    assert said == [f"loss {loss:.6f}", f"accuracy {(x.argmax(1) == y).double().mean():.4f}"]


def test_a_checkpoint_of_another_program_is_refused(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.pt"
    run("linear_regression", "--epochs", "1", "--checkpoint", checkpoint)
    for text in (None, b"not a checkpoint"):
        if text:
            checkpoint.write_bytes(text)
        answer = run("binary_toy", "--checkpoint", checkpoint, "--resume")
        assert answer["error"]["type"] == "SystemExit"
        assert f"{checkpoint} is no checkpoint of this program" in answer["output"] + answer["error"]["message"]


def test_damaged_files_are_named(tmp_path: Path) -> None:
    digits = data.Digits(train=True)
    for train in (True, False):
        recording.write_idx(tmp_path / "MNIST" / "raw", digits.data[:20], digits.targets[:20], train)
    (tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte").write_bytes(b"none")
    with pytest.raises(data.MissingDataError, match="are damaged: remove them, then --download"):
        data.load("mnist", root=tmp_path)


def test_another_seed_is_another_run() -> None:
    first, same, other = (final(run("linear_regression", "--epochs", "1", "--seed", seed)) for seed in "001")
    assert first == same != other


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "mnist", "--data-dir", "nowhere"], "MNIST is not in"),
        (["--resume"], "--resume needs --checkpoint FILE"),
        (["--resume", "--checkpoint", "nothing.pt"], "there is no checkpoint to resume from: nothing.pt"),
        (["--device", "abacus"], "invalid choice: 'abacus'"),
    ],
)
def test_clear_errors(arguments: list[str], message: str) -> None:
    answer = run("mnist_softmax_regression", *arguments)
    assert answer["error"]["type"] == "SystemExit"
    assert message in answer["output"] + answer["error"]["message"]


def test_missing_data_says_what_where_and_how() -> None:
    with pytest.raises(data.MissingDataError) as caught:
        data.load("fashion-mnist", root="nowhere")
    for part in ("FashionMNIST", str(Path("nowhere").resolve()), "--download", "--data-dir", "train-images-idx3-ubyte"):
        assert part in str(caught.value)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_missing_device_is_named() -> None:
    assert reference.device("auto").type in {"cpu", "mps"}
    with pytest.raises(RuntimeError, match="--device cuda: this machine"):
        reference.device("cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_cuda_and_cpu_agree() -> None:
    on_gpu, on_cpu = (final(run("linear_regression", "--device", device)) for device in ("cuda", "cpu"))
    assert metrics.read(on_gpu[-1])["loss"] == pytest.approx(metrics.read(on_cpu[-1])["loss"], rel=0.01)


def test_tensorboard_gets_the_curves(tmp_path: Path, small_mnist: Path) -> None:
    pytest.importorskip("tensorboard")
    arguments = ["--curves", "tensorboard", "--epochs", "2", "--data", "mnist", "--data-dir", str(small_mnist)]
    subprocess.run([sys.executable, str(REFERENCES["visdom_mlp"]), *arguments], cwd=tmp_path, check=True)
    (logs,) = (tmp_path / "runs").iterdir()
    code = (
        "import json, sys\n"
        "from tensorboard.backend.event_processing.event_accumulator import EventAccumulator\n"
        "events = EventAccumulator(sys.argv[1]).Reload()\n"
        "names = events.Tags()['scalars']\n"
        "print(json.dumps({name: [event.step for event in events.Scalars(name)] for name in names}))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(logs)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"loss/train": [1, 2], "loss/test": [1, 2], "accuracy/test": [1, 2]}


SERVER = """
import sys
from visdom.server.run_server import start_server
start_server(hostname="localhost", env_path=sys.argv[1], base_url="", bind_local=True)
"""


@pytest.fixture
def visdom_folder(tmp_path: Path) -> Iterator[Path]:
    """A Visdom server on its usual port, and the folder where it saves."""
    pytest.importorskip("visdom")
    if _answers():
        pytest.skip("another server answers on Visdom's port")
    quiet = subprocess.DEVNULL
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path)], stdout=quiet, stderr=quiet)
    try:
        end = time.monotonic() + 60
        while not _answers() and time.monotonic() < end:
            time.sleep(0.2)
        yield tmp_path
    finally:
        server.terminate()
        server.wait()


def _answers() -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", 8097)) == 0


def test_visdom_gets_the_curves(visdom_folder: Path, small_mnist: Path) -> None:
    arguments = ["--curves", "visdom", "--epochs", "2", "--data", "mnist", "--data-dir", str(small_mnist)]
    subprocess.run([sys.executable, str(REFERENCES["visdom_mlp"]), *arguments], check=True)
    save = "from visdom import Visdom; Visdom(use_incoming_socket=False).save(['main'])"
    subprocess.run([sys.executable, "-c", save], check=True)
    windows = json.loads((visdom_folder / "main.json").read_text())["jsons"]
    drawn = {
        (name, trace["name"]): trace["x"] for name, window in windows.items() for trace in window["content"]["data"]
    }
    assert drawn == {("loss", "train"): [1, 2], ("loss", "test"): [1, 2], ("accuracy", "test"): [1, 2]}


@pytest.mark.parametrize("library", ["tensorboard", "visdom"])
def test_a_missing_library_is_named(library: str, small_mnist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch.utils.tensorboard", "visdom"):
        monkeypatch.setitem(sys.modules, name, None)
    options = {"device": torch.device("cpu"), "epochs": 1, "seed": 0, "checkpoint": None, "resume": False}
    with pytest.raises(SystemExit, match=f"pip install .*{library}"):
        reference.curves(reference.Run(**options, data="", data_dir=small_mnist, download=False, curves=library))
