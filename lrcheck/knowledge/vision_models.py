"""Which models of torchvision depend on the training mode: their names begin with these prefixes."""

from __future__ import annotations

_BATCHNORM = (
    "resnet", "resnext", "wide_resnet", "densenet", "mobilenet_", "mnasnet", "shufflenet_", "regnet_", "efficientnet_",
    "googlenet", "inception_", "maxvit_",
)  # fmt: skip
_DROPOUT = ("alexnet", "vgg", "squeezenet", "efficientnet_", "mobilenet_", "mnasnet", "googlenet", "inception_")
_NEITHER = ("convnext_", "vit_")


def has_batchnorm(name: str) -> bool | None:
    """Whether a model of torchvision holds BatchNorm, where that is known."""
    if name.endswith("_bn") or name.startswith(_BATCHNORM):
        return True
    return False if name.startswith((*_DROPOUT, *_NEITHER)) else None


def has_dropout(name: str) -> bool | None:
    """Whether a model of torchvision holds Dropout, where that is known."""
    if name.startswith(_DROPOUT):
        return True
    return False if name.startswith((*_BATCHNORM, *_NEITHER)) else None
