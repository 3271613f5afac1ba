"""When binary cross entropy asks something else than one class per sample, and targets that stand for nothing."""

from lrcheck.events import LossCall
from lrcheck.facts import DType, TensorFacts


def is_a_cost(call: LossCall) -> bool:
    """Terms that are not summed and never go backward: the cost of a matching."""
    goes_backward = call.output is not None and call.output.uses is not None and "backward" in call.output.uses.kinds
    return call.loss.reduction == "none" and not goes_backward


def is_a_map(call: LossCall) -> bool:
    """Masks: every pixel is an output of its own."""
    if any(facts.shape is not None and len(facts.shape) > 2 for facts in (call.input, call.target)):
        return True
    return call.input.shape is None and call.input.layer is not None and call.input.layer.name.startswith("conv")


def is_invented(target: TensorFacts) -> bool:
    """`torch.randint(0, 100, (32, 1)).float()`: made up numbers, told to be amounts."""
    made = target.made_by is not None and target.made_by.name == "randint"
    return made and target.dtype is DType.FLOAT and target.classes != 2
