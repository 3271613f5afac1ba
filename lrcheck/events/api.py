"""Names of an API, called or constructed."""

from __future__ import annotations

from dataclasses import dataclass

from lrcheck.events.base import Event
from lrcheck.findings import Site


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Construct(Event):
    """A torch object was constructed: module, loss, optimizer, loader, dataset, transform."""

    name: str  # canonical
    arguments: tuple[Argument, ...] = ()
    value: object | None = None
    callee: Site | None = None
    where: str = ""  # "forward": in every pass; "arguments": its arguments are constants


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Argument:
    """One argument of a call: its keyword (None: positional), its value where it is a constant, and where it stands."""

    keyword: str | None
    site: Site
    value: object = None  # a Python constant, TensorFacts, or None for unknown
    known: bool = False
    star: str = ""  # "*" or "**"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ApiUse(Event):
    """A name of torch or torchvision was used: called, or only read (`called` is false).

    `name` is the full dotted name as resolved through imports and aliases. For methods of tensors, modules and
    optimizers it is `torch.Tensor.NAME`, `torch.nn.Module.NAME`, `torch.optim.Optimizer.NAME`.
    """

    name: str
    called: bool = True
    arguments: tuple[Argument, ...] = ()
    callee: Site | None = None  # the name itself, for a rename
    receiver: object | None = None  # facts of the object whose method it is
    receiver_site: Site | None = None
    assigned: bool = False  # the name is the target of an assignment
    statement: bool = False  # the result is discarded: the call is a statement of its own
    discarded: bool = False  # a statement whose value nobody sees, not even the reader of a notebook
    owner: str = ""  # what the running method calls its module: `self`
    imports: tuple[tuple[str, str], ...] = ()  # names that modules go by here: `("nn", "torch.nn")`, for fixes
