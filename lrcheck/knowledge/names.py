"""Canonical names: where torch exports one thing under several names, one of them speaks for all."""

from __future__ import annotations

THIRD_PARTY = frozenset(
    [
        "torch",
        "torchvision",
        "torchaudio",
        "torchtext",
        "numpy",
        "scipy",
        "sklearn",
        "pandas",
        "matplotlib",
        "PIL",
        "cv2",
        "tqdm",
        "tensorboard",
        "tensorboardX",
        "tensorflow",
        "keras",
        "jax",
        "flax",
        "lightning",
        "pytorch_lightning",
        "ignite",
        "accelerate",
        "transformers",
        "datasets",
        "timm",
        "fastai",
        "skorch",
        "catalyst",
        "deepspeed",
        "wandb",
        "visdom",
        "mlflow",
        "hydra",
        "omegaconf",
        "gym",
        "gymnasium",
        "einops",
        "torchmetrics",
        "albumentations",
    ]
)
"""Packages that are never looked for in the project's own source."""

KNOWN_MODULES = frozenset({"lrcheck.metrics"})
"""Modules that are known by their names even where their source is at hand."""

_PREFIXES = (
    ("torch.nn.modules.", "torch.nn."),
    ("torch.utils.data.dataloader.", "torch.utils.data."),
    ("torch.utils.data.dataset.", "torch.utils.data."),
    ("torch.utils.data.sampler.", "torch.utils.data."),
    ("torchvision.transforms.transforms.", "torchvision.transforms."),
    ("torchvision.transforms.v2.", "torchvision.transforms."),
    ("torch.autograd.variable.", "torch.autograd."),
    ("torch.autograd.grad_mode.", "torch."),
    ("torch.nn.parameter.", "torch.nn."),
    ("torch.special.", "torch."),
    ("torch.linalg.matmul", "torch.matmul"),
    ("pytorch_lightning.", "lightning."),
    ("lightning.pytorch.", "lightning."),
)
_SUBMODULES = (
    "torch.nn.loss.", "torch.nn.activation.", "torch.nn.linear.", "torch.nn.conv.", "torch.nn.container.",
    "torch.nn.module.", "torch.nn.dropout.", "torch.nn.batchnorm.", "torch.nn.pooling.", "torch.nn.rnn.",
    "torch.nn.normalization.", "torch.nn.sparse.", "torch.nn.flatten.", "torch.nn.transformer.",
)  # fmt: skip

_EXACT = {
    "torch.Tensor.Tensor": "torch.Tensor",
    "torch.F": "torch.nn.functional",
    "torch.special.expit": "torch.sigmoid",
    "torch.expit": "torch.sigmoid",
    "torch.autograd.no_grad": "torch.no_grad",
    "torch.autograd.set_grad_enabled": "torch.set_grad_enabled",
    "torch.inference_mode": "torch.inference_mode",
    "torch.autograd.inference_mode": "torch.inference_mode",
    "torch.nn.utils.parameters": "torch.nn.utils.parameters",
    "torch.utils.data.random_split": "torch.utils.data.random_split",
    "torch.cuda.amp.GradScaler": "torch.cuda.amp.GradScaler",
}


def canonical(name: str) -> str:
    """The name under which knowledge about `name` is kept."""
    if not name.startswith(("torch", "pytorch_lightning", "lightning.")):
        return name
    for prefix, short in _PREFIXES:
        if name.startswith(prefix):
            name = short + name[len(prefix) :]
    for prefix in _SUBMODULES:
        if name.startswith(prefix) and len(name) > len(prefix):
            name = "torch.nn." + name[len(prefix) :]
    if name.startswith(("torch.optim.", "torchvision.datasets.", "torchvision.models.")):
        name = _short(name)
    return _EXACT.get(name, name)


def _short(name: str) -> str:
    """`torch.optim.adam.Adam` is `torch.optim.Adam`."""
    parts = name.split(".")
    if len(parts) != 4 or parts[2] == "lr_scheduler":
        return name
    if parts[1] == "models" and parts[2] in {"segmentation", "detection", "video", "quantization", "optical_flow"}:
        return name
    return ".".join((parts[0], parts[1], parts[3]))
