"""Objects that take part in training and are neither optimizers nor models."""

from __future__ import annotations

import re

OTHER_STEPPERS = re.compile(
    r"sched|env|prof|track|writer|progress|bar$|engine|accelerat|fabric|game|sim|agent|board|logger|timer|warm|ema|meter"
    r"|swa|world|task|strategy|trainer|decay|anneal|early|policy|metric|monitor|robot|lr_|stepper|context",
    re.IGNORECASE,
)
"""Names of objects that have a method `step` and are no optimizers: schedulers, environments, engines, profilers."""

PREPARING = {
    "accelerate.Accelerator": "prepare",
    "lightning.Fabric": "setup",
    "lightning.fabric.Fabric": "setup",
    "lightning_fabric.Fabric": "setup",
}
"""Objects that are handed models, optimizers and loaders, and give them back wrapped: the method that does so."""
