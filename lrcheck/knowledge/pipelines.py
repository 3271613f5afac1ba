"""Transforms of torchvision: which leave an image, which make a tensor, which act at random.

Source: https://pytorch.org/vision/stable/transforms.html
"""

from __future__ import annotations

_V = "torchvision.transforms."

RANDOM = frozenset(
    [
        "AugMix",
        "AutoAugment",
        "ColorJitter",
        "ElasticTransform",
        "GaussianNoise",
        "JPEG",
        "MixUp",
        "CutMix",
        "RandAugment",
        "RandomAdjustSharpness",
        "RandomAffine",
        "RandomApply",
        "RandomAutocontrast",
        "RandomChannelPermutation",
        "RandomChoice",
        "RandomCrop",
        "RandomEqualize",
        "RandomErasing",
        "RandomGrayscale",
        "RandomHorizontalFlip",
        "RandomInvert",
        "RandomIoUCrop",
        "RandomOrder",
        "RandomPerspective",
        "RandomPhotometricDistort",
        "RandomPosterize",
        "RandomResize",
        "RandomResizedCrop",
        "RandomRotation",
        "RandomShortestSize",
        "RandomSolarize",
        "RandomVerticalFlip",
        "RandomZoomOut",
        "ScaleJitter",
        "TrivialAugmentWide",
        "RandomSizedCrop",
    ]
)
"""Transforms that change a sample differently each time."""

IMAGE = RANDOM - {"GaussianNoise", "MixUp", "CutMix", "RandomErasing"} | frozenset(
    {"Resize", "CenterCrop", "Pad", "Grayscale", "GaussianBlur", "Scale"}
)
"""Transforms that take an image and leave an image."""

SCALING = frozenset({_V + "ToTensor"})
"""Transforms that make a tensor with values in [0, 1]."""

TENSORS = frozenset({_V + "ToTensor", _V + "PILToTensor", _V + "ToImage", _V + "ToImageTensor"})

STATISTICS: dict[str, tuple[str, str]] = {
    "torchvision.datasets.MNIST": ("(0.1307,)", "(0.3081,)"),
    "torchvision.datasets.FashionMNIST": ("(0.2860,)", "(0.3530,)"),
    "torchvision.datasets.KMNIST": ("(0.1918,)", "(0.3483,)"),
    "torchvision.datasets.CIFAR10": ("(0.4914, 0.4822, 0.4465)", "(0.2470, 0.2435, 0.2616)"),
    "torchvision.datasets.CIFAR100": ("(0.5071, 0.4865, 0.4409)", "(0.2673, 0.2564, 0.2762)"),
}
"""Mean and standard deviation of the training images, values in [0, 1]."""

TRANSFORM_POSITION = {
    **dict.fromkeys(("MNIST", "FashionMNIST", "KMNIST", "CIFAR10", "CIFAR100", "USPS", "SVHN", "GTSRB", "Flowers102", "Food101",
                     "Caltech101"), 2),
    "ImageFolder": 1,
    **dict.fromkeys(("DatasetFolder", "STL10", "FakeData"), 3),
    "OxfordIIITPet": 4,
    **dict.fromkeys(("EMNIST", "ImageNet", "QMNIST"), 99),
}  # fmt: skip
"""Where the transform stands among the positional arguments of a dataset; 99: by keyword only."""
