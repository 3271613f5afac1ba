"""Freezing that freezes nothing.

Python lets any attribute be set: `p.require_grad = False` makes a new attribute that torch never reads. The same holds for
`module.requires_grad = False`: a module has no such attribute, only its parameters do. The parameters stay trainable.
A body "frozen" in this way has, after one epoch and relative to its norm, {measured: frozen_body}.

Example:

    net = nn.Linear(20, 4)
    for p in net.parameters():
        p.require_grad = False  # error
    net.requires_grad = False  # error

Use instead:

    net = nn.Linear(20, 4)
    for p in net.parameters():
        p.requires_grad = False
    net.requires_grad_(False)

Not reported: an attribute of an own class.

    class Settings:
        pass
    settings = Settings()
    settings.require_grad = False
    settings.requires_grad = False

Not reported: a tensor has the attribute.

    images = torch.zeros(8, 20)
    images.requires_grad = True

At run time: parameters that were meant to be frozen have gradients and change.
"""

from collections.abc import Iterator

from lrcheck.events import AttributeSet
from lrcheck.findings import Finding, Fix, Label, Level, Safety
from lrcheck.fixing import code, replace
from lrcheck.rule import rule

_MEANT = "requires_grad"
_TYPOS = frozenset({"require_grad", "requires_grads", "require_grads", "required_grad", "requires_gradient", "require_gradient",
                    "requries_grad", "requiers_grad", "reqires_grad", "requires_gard", "requre_grad"})  # fmt: skip


@rule("LR323")
def check(attribute: AttributeSet) -> Iterator[Finding]:
    typo = attribute.name in _TYPOS and attribute.owner != "object"
    module = attribute.name == _MEANT and attribute.owner == "module"
    if not typo and not module:
        return
    base = attribute.site.text.rpartition(".")[0]
    right = f"{base}.{_MEANT}"
    fixable = typo and attribute.owner != "module" and bool(base)
    plain = attribute.owner == "tensor"
    yield Finding(
        title=f"`{attribute.name}` is an attribute that torch never reads",
        at=Label(attribute.site, "a module has no such switch" if module else f"misspelt: `{_MEANT}`"),
        note="the parameters stay trainable" if attribute.value is False and not plain else "the setting has no effect",
        help=f"freeze all parameters of the module: `{base or 'module'}.requires_grad_(False)`"
        if module
        else f"write {code(right)}",
        fix=Fix(f"write `{right}`", replace(attribute.site, right), Safety.SAFE) if fixable else None,
        level=Level.WARNING if plain and attribute.value is False else None,
    )
