"""Objects that take part in training and are neither optimizers nor models."""

from __future__ import annotations

import re

OTHER_STEPPERS = re.compile(
    r"sched|env|prof|track|writer|progress|bar$|engine|accelerat|fabric|game|sim|agent|board|logger|timer|warm|ema|meter"
    r"|swa|world|task|strategy|trainer|decay|anneal|early|policy|metric|monitor|robot|lr_|stepper|context",
    re.IGNORECASE,
)
"""Names of objects that have a method `step` and are no optimizers: schedulers, environments, engines, profilers."""
