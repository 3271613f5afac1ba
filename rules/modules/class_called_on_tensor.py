"""A layer class called on data.

`nn.ReLU(x)` constructs a layer and takes the data for an option; it applies nothing. With several numbers in `x` torch raises
`Boolean value of Tensor with more than one value is ambiguous` or a `TypeError`; with a single number the result is silently
a module.

Example:

    fc = nn.Linear(20, 4)
    scores = fc(x)
    probabilities = nn.Softmax(scores)  # error
    loss = nn.CrossEntropyLoss(scores, labels)

Use instead:

    fc = nn.Linear(20, 4)
    scores = fc(x)
    probabilities = nn.Softmax(dim=1)(scores)
    loss = nn.CrossEntropyLoss()(scores, y)

Not reported: class weights.

    loss = nn.CrossEntropyLoss(torch.tensor([1.0, 2.0]))

Not reported: parameters and buffers, which are made of data.

    scores = nn.Linear(20, 4)(x)
    offset = nn.Parameter(scores.detach())

Not reported: a size computed from a tensor.

    lengths = torch.tensor([3, 5])
    pool = nn.AvgPool1d(int(lengths.max()))

At run time: `RuntimeError: Boolean value of Tensor ...`, or an output that is no tensor.
"""

from collections.abc import Iterator

from lrcheck.events import Argument, Construct
from lrcheck.facts import TensorFacts
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import code, replace
from lrcheck.knowledge.losses import BY_CLASS
from lrcheck.rule import rule

_TAKE_TENSORS = frozenset({"Parameter", "ParameterList", "ParameterDict", "Buffer", "UninitializedParameter", "Embedding",
                           "Sequential", "ModuleList"})  # fmt: skip
_WEIGHTED = frozenset(
    {"CrossEntropyLoss", "NLLLoss", "NLLLoss2d", "BCELoss", "BCEWithLogitsLoss", "MultiLabelSoftMarginLoss"}
)
_NEEDS_DIM = frozenset({"Softmax", "LogSoftmax", "Softmin"})


@rule("LR421")
def check(made: Construct) -> Iterator[Finding]:
    short = made.name.rpartition(".")[2]
    data = [argument for argument in made.arguments if _is_tensor(argument)]
    if (
        made.where
        or made.callee is None
        or not data
        or short in _TAKE_TENSORS
        or (short in _WEIGHTED and len(data) < 2)
    ):
        return
    call = _called(made, short, data)
    what = "loss" if made.name in BY_CLASS else "layer"
    yield Finding(
        title=f"the class `nn.{short}` is called on data",
        at=Label(made.site, f"constructs a {what}; the data is taken for an option"),
        note=f"nothing is computed: the result is a {what}, or torch raises",
        help=f"construct it first: `{made.callee.text}(...)(...)`",
        fix=Fix(f"construct it first: {code(call)}", replace(made.site, call), Safety.SAFE) if call else None,
    )


def _is_tensor(argument: Argument) -> bool:
    return argument.keyword is None and isinstance(argument.value, TensorFacts) and not argument.star


def _called(made: Construct, short: str, data: list[Argument]) -> str:
    """`nn.Softmax(x, dim=1)` as `nn.Softmax(dim=1)(x)`."""
    if made.callee is None or any(argument.star for argument in made.arguments):
        return ""
    if short not in _NEEDS_DIM and made.name not in BY_CLASS and short not in _PLAIN:
        return ""
    positional = [argument for argument in made.arguments if argument.keyword is None]
    rest = [argument for argument in made.arguments if argument.keyword is not None]
    given = positional if made.name in BY_CLASS else data
    options = [argument.site.text for argument in [*positional, *rest] if argument not in given]
    if short in _NEEDS_DIM and not options:
        options = ["dim=-1"]
    return f"{made.callee.text}({', '.join(options)})({', '.join(a.site.text for a in given)})"


_PLAIN = frozenset({"ReLU", "ReLU6", "Sigmoid", "Tanh", "GELU", "SiLU", "ELU", "LeakyReLU", "Softplus", "Flatten", "Identity",
                    "Dropout", "LogSigmoid"})  # fmt: skip
