"""Learning rate schedulers: what they count and what they need."""

from __future__ import annotations

NEED_A_METRIC = frozenset({"ReduceLROnPlateau"})
"""Their `step` takes the value that they watch."""

COUNT_BATCHES = {"OneCycleLR": "steps_per_epoch"}
"""Schedulers that are stepped once per batch where they were given this argument."""

HORIZONS = {
    "StepLR": ("step_size", 1),
    "MultiStepLR": ("milestones", 1),
    "CosineAnnealingLR": ("T_max", 1),
    "PolynomialLR": ("total_iters", 1),
    "OneCycleLR": ("total_steps", 2),
    "ExponentialLR": ("gamma", 1),
    "LambdaLR": ("lr_lambda", 1),
}
"""The argument that says over how many steps they go, and its position; an attribute has the same name."""

DECAYS = {"StepLR": "step_size", "MultiStepLR": "milestones", "ExponentialLR": "gamma"}
"""Schedulers that multiply the rate by `gamma` again and again: the argument that says when (`ExponentialLR`: in each step)."""

SPANS = {"CosineAnnealingLR": ("T_max", 1), "PolynomialLR": ("total_iters", 1)}
"""Schedulers that are told how many steps they take in all: the argument, and its position."""
