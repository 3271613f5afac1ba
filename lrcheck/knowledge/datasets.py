"""Datasets: how many samples and classes they hold and what one sample looks like.

Source: the torchvision documentation of each dataset, and `sklearn.datasets`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DatasetKnowledge:
    """A classification dataset: sizes of its splits, classes, and the shape of one image after `ToTensor`."""

    train: int | None
    test: int | None
    classes: int | None
    shape: tuple[int | None, ...] | None
    split: str = "train"  # the argument that chooses the split: `train=` or `split=`; empty where there is none
    sorted: bool = False  # the samples of one class follow those of another


DATASETS: dict[str, DatasetKnowledge] = {
    "torchvision.datasets.MNIST": DatasetKnowledge(60_000, 10_000, 10, (1, 28, 28)),
    "torchvision.datasets.FashionMNIST": DatasetKnowledge(60_000, 10_000, 10, (1, 28, 28)),
    "torchvision.datasets.KMNIST": DatasetKnowledge(60_000, 10_000, 10, (1, 28, 28)),
    "torchvision.datasets.QMNIST": DatasetKnowledge(60_000, 60_000, 10, (1, 28, 28)),
    "torchvision.datasets.EMNIST": DatasetKnowledge(None, None, None, (1, 28, 28)),
    "torchvision.datasets.USPS": DatasetKnowledge(7_291, 2_007, 10, (1, 16, 16)),
    "torchvision.datasets.CIFAR10": DatasetKnowledge(50_000, 10_000, 10, (3, 32, 32)),
    "torchvision.datasets.CIFAR100": DatasetKnowledge(50_000, 10_000, 100, (3, 32, 32)),
    "torchvision.datasets.SVHN": DatasetKnowledge(73_257, 26_032, 10, (3, 32, 32), "split"),
    "torchvision.datasets.STL10": DatasetKnowledge(5_000, 8_000, 10, (3, 96, 96), "split"),
    "torchvision.datasets.GTSRB": DatasetKnowledge(26_640, 12_630, 43, (3, None, None), "split"),
    "torchvision.datasets.Flowers102": DatasetKnowledge(1_020, 6_149, 102, (3, None, None), "split"),
    "torchvision.datasets.Food101": DatasetKnowledge(75_750, 25_250, 101, (3, None, None), "split"),
    "torchvision.datasets.OxfordIIITPet": DatasetKnowledge(3_680, 3_669, 37, (3, None, None), "split"),
    "torchvision.datasets.ImageNet": DatasetKnowledge(1_281_167, 50_000, 1000, (3, None, None), "split"),
    "torchvision.datasets.ImageFolder": DatasetKnowledge(None, None, None, (3, None, None), split="", sorted=True),
    "torchvision.datasets.DatasetFolder": DatasetKnowledge(None, None, None, None, split="", sorted=True),
    "torchvision.datasets.FakeData": DatasetKnowledge(None, None, None, (3, None, None), split=""),
    "torchvision.datasets.Caltech101": DatasetKnowledge(None, None, 101, (None, None, None), split=""),
}


@dataclass(frozen=True, slots=True)
class BunchKnowledge:
    """A dataset of scikit-learn: samples, features, classes (0: regression)."""

    samples: int
    features: int
    classes: int


BUNCHES: dict[str, BunchKnowledge] = {
    "sklearn.datasets.load_digits": BunchKnowledge(1797, 64, 10),
    "sklearn.datasets.load_iris": BunchKnowledge(150, 4, 3),
    "sklearn.datasets.load_wine": BunchKnowledge(178, 13, 3),
    "sklearn.datasets.load_breast_cancer": BunchKnowledge(569, 30, 2),
    "sklearn.datasets.load_diabetes": BunchKnowledge(442, 10, 0),
}


@dataclass(frozen=True, slots=True)
class GeneratorKnowledge:
    """A generator of scikit-learn: samples where none are asked for, features (a number, or the argument that says how many) and classes."""

    samples: int
    features: int | str
    default: int = 0
    classes: int | str | None = None  # a number, the argument that says how many, or None for a regression


GENERATORS: dict[str, GeneratorKnowledge] = {
    "sklearn.datasets.make_moons": GeneratorKnowledge(100, 2, classes=2),
    "sklearn.datasets.make_circles": GeneratorKnowledge(100, 2, classes=2),
    "sklearn.datasets.make_blobs": GeneratorKnowledge(100, "n_features", 2, "centers"),
    "sklearn.datasets.make_classification": GeneratorKnowledge(100, "n_features", 20, "n_classes"),
    "sklearn.datasets.make_regression": GeneratorKnowledge(100, "n_features", 100),
    "sklearn.datasets.make_friedman1": GeneratorKnowledge(100, "n_features", 10),
    "sklearn.datasets.make_friedman2": GeneratorKnowledge(100, 4),
    "sklearn.datasets.make_friedman3": GeneratorKnowledge(100, 4),
}

SCALERS = frozenset(
    f"sklearn.preprocessing.{name}"
    for name in (
        "StandardScaler",
        "MinMaxScaler",
        "RobustScaler",
        "MaxAbsScaler",
        "QuantileTransformer",
        "PowerTransformer",
        "Normalizer",
    )
)
"""What gives each column of an array other units, and keeps its shape."""

# Models of torchvision that return class scores (logits) from their last linear layer.
CLASSIFIERS = (
    "alexnet", "convnext_", "densenet", "efficientnet_", "mnasnet", "mobilenet_", "regnet_", "resnet", "resnext", "shufflenet_",
    "swin_", "vgg", "vit_", "wide_resnet", "maxvit_",
)  # fmt: skip

_HEADS = {
    "resnet": "fc", "resnext": "fc", "wide_resnet": "fc", "shufflenet_": "fc", "regnet_": "fc", "swin_": "head", "vit_": "heads",
}  # fmt: skip


def head_of(model: str) -> str:
    """The attribute of a torchvision classifier that holds its last layer."""
    short = model.rpartition(".")[2]
    return next((head for prefix, head in _HEADS.items() if short.startswith(prefix)), "classifier")
