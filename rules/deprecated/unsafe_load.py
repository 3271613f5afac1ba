"""`torch.load` that leaves open what it may run or where it puts tensors.

A pickled file runs code when it is loaded. Since torch 2.6 `torch.load` takes only weights unless `weights_only=False` is given,
older releases unpickle anything. Without `map_location`, a checkpoint saved from a GPU fails on a machine without one.

Example:

    state = torch.load("model.pt")  # error
    state = torch.load("model.pt", map_location="cpu", weights_only=False)  # error
    state = torch.load("model.pt", weights_only=True)  # error

Use instead:

    state = torch.load("model.pt", map_location="cpu", weights_only=True)

Not reported: arguments that are not seen here.

    options = dict(map_location="cpu", weights_only=True)
    state = torch.load("model.pt", **options)

At run time: `UnpicklingError: Weights only load failed` for a whole model since torch 2.6; foreign code runs before.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse, Argument
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety
from lrcheck.knowledge import target
from lrcheck.knowledge.deprecated import LOAD
from lrcheck.rule import rule

from ._arguments import argument_of, starred

SINCE = "1.13"
SAFE_BY_DEFAULT = "2.6"


@rule("LR612", Level.INFO)
def check(use: ApiUse) -> Iterator[Finding]:
    if use.name != LOAD or not use.called or starred(use):
        return
    only = argument_of(use, "weights_only")
    pickle = argument_of(use, "pickle_module", 2)
    if pickle is not None:
        if only is None and not (pickle.known and pickle.value is None):
            yield _anything(pickle, "another unpickler")
    elif only is None and target.get().reaches(use.name, SINCE):
        yield _open(use)
    elif only is not None and only.known and only.value is False:
        yield _anything(only)
    elif argument_of(use, "map_location", 1) is None:
        yield _anywhere(use)


def _open(use: ApiUse) -> Finding:
    safe = target.get().reaches(use.name, SAFE_BY_DEFAULT)
    add = Edit(EditKind.ADD_ARGUMENT, use.site, "weights_only=True")
    return Finding(
        title="`torch.load` without `weights_only=`",
        at=Label(use.callee or use.site, "what it may load depends on the release of torch"),
        note=f"before torch {SAFE_BY_DEFAULT} it runs any code in the file, since then it loads weights only",
        fix=Fix("add `weights_only=True`", (add,), Safety.SAFE if safe else Safety.UNSAFE),
        level=Level.INFO if safe else Level.WARNING,
    )


def _anything(argument: Argument, what: str = "`weights_only=False`") -> Finding:
    return Finding(
        title=f"{what} runs code from the file",
        at=Label(argument.site, "unpickles anything"),
        note="whoever wrote the checkpoint chooses what this process does",
        help="save `model.state_dict()` and load it with `weights_only=True`",
    )


def _anywhere(use: ApiUse) -> Finding:
    return Finding(
        title="`torch.load` without `map_location=`",
        at=Label(use.callee or use.site, "tensors go to the device that they were saved from"),
        note="a checkpoint saved from a GPU fails on a machine without one",
        help="add `map_location=device`",
    )
