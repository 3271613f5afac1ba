"""Every deprecated use of public API that TorchFix knows, in the ways that a program can write it, is reported by us too."""

from __future__ import annotations

import pytest

from lrcheck.check import Checker
from lrcheck.rule import discover

CHECKER = Checker(discover())
FUNCTIONS = [
    "torch.solve",
    "torch.qr",
    "torch.symeig",
    "torch.chain_matmul",
    "torch.cholesky",
    "torch.ger",
    "torch.lu_solve",
    "torch.norm",
    "torch.range",
    "torch.svd",
    "torch.triangular_solve",
    "torch.lu",
    "torch.matrix_rank",
    "torch.lstsq",
    "torch.nn.UpsamplingNearest2d",
    "torch.nn.UpsamplingBilinear2d",
    "torch.testing.assert_allclose",
    "torch.nn.utils.weight_norm",
    "torch.utils._pytree._register_pytree_node",
    "torch.backends.cuda.sdp_kernel",
    "functorch.vmap",
    "functorch.grad",
    "functorch.vjp",
    "functorch.jvp",
    "functorch.jacrev",
    "functorch.jacfwd",
    "functorch.hessian",
    "functorch.functionalize",
    "torch.cuda.amp.autocast",
    "torch.cuda.amp.custom_fwd",
    "torch.cuda.amp.custom_bwd",
    "torch.cpu.amp.autocast",
    "torch.cuda.amp.GradScaler",
    "torch.utils.data._utils.collate.default_collate",
    "torch.utils.data._utils.collate.default_convert",
    "torchvision.transforms.v2.ToTensor",
    "torch.load",
]


def lines(text: str) -> set[int]:
    result = CHECKER.check_bytes("train.py", text.encode())
    assert not result.errors
    return {found.span.line for found in result.diagnostics if found.code.startswith("LR6")}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_in_full(name: str) -> None:
    package, _, _ = name.rpartition(".")
    assert lines(f"import torch\nimport {package}\n\nvalue = {name}(first, second)\n") == {4}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_imported(name: str) -> None:
    package, _, short = name.rpartition(".")
    assert lines(f"import torch\nfrom {package} import {short}\n\nvalue = {short}(first)\n") == {4}
    assert lines(f"import torch\nfrom {package} import {short} as old\n\nvalue = old(first)\n") == {4}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_below_another_name(name: str) -> None:
    package, _, short = name.rpartition(".")
    outer, _, inner = package.rpartition(".")
    if outer:
        assert lines(f"import torch\nfrom {outer} import {inner} as part\n\nvalue = part.{short}(first)\n") == {4}
    assert lines(f"import torch\nimport {package} as part\n\nvalue = part.{short}(first)\n") == {4}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "torch.load"])
def test_imported_for_others(name: str) -> None:
    package, _, short = name.rpartition(".")
    assert lines(f"import torch\nfrom {package} import {short}\n") == {2}


@pytest.mark.parametrize("model", ["resnet18", "vgg16", "densenet121", "inception_v3", "googlenet"])
@pytest.mark.parametrize("how", ["pretrained=True", "pretrained=False", "True", "False", "pretrained=wanted"])
def test_pretrained(model: str, how: str) -> None:
    assert lines(f"import torch\nfrom torchvision import models\n\nnet = models.{model}({how})\n") == {4}
    assert lines(f"import torch\nimport torchvision.models as M\n\nnet = M.{model}({how})\n") == {4}


@pytest.mark.parametrize("how", ["pretrained_backbone=True", "pretrained_backbone=False", "pretrained=True"])
def test_pretrained_backbone(how: str) -> None:
    assert lines(
        f"import torch\nfrom torchvision.models.segmentation import fcn_resnet50\n\nnet = fcn_resnet50({how})\n"
    ) == {4}


@pytest.mark.parametrize(
    "text",
    [
        "from torch.utils.checkpoint import checkpoint\nx = checkpoint(f, y)\n",
        "import torch.utils.checkpoint\nx = torch.utils.checkpoint.checkpoint(f, y)\n",
        "import dill\nx = torch.load('f.pt', pickle_module=dill, map_location='cpu')\n",
    ],
)
def test_a_missing_argument(text: str) -> None:
    assert lines(f"import torch\n{text}") == {3}


@pytest.mark.parametrize(
    "text",
    [
        "from torch.utils.checkpoint import checkpoint\nx = checkpoint(f, y, use_reentrant=False)\n",
        "from torch.linalg import qr\nx = qr(y)\n",
        "from torch import linalg, vmap\nx = vmap(linalg.svd)(y)\n",
        "from torchvision.transforms import ToTensor\nx = ToTensor()\n",
        "from torchvision.transforms import v2\nx = v2.Compose([v2.ToImage()])\n",
        "from numpy.linalg import qr, matrix_rank\nx = qr(y), matrix_rank(y)\n",
        "from scipy.linalg import lu\nimport norm\nx = lu(y)\n",
    ],
)
def test_what_took_their_place(text: str) -> None:
    assert lines(f"import torch\n{text}") == set()
