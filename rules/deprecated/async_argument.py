"""The argument `async=` of a copy to the GPU.

`async` is a keyword of Python since 3.7, so a file with `x.cuda(async=True)` does not even parse. Torch 0.4 renamed the
argument to `non_blocking`.

Example:

    x = torch.randn(4, 8)
    if torch.cuda.is_available():
        x = x.cuda(**{"async": True})  # error

Use instead:

    x = torch.randn(4, 8)
    if torch.cuda.is_available():
        x = x.cuda(non_blocking=True)

Not reported: the new name.

    x = torch.randn(4, 8)
    if torch.cuda.is_available():
        x = x.cuda(non_blocking=False)

At run time: `SyntaxError: invalid syntax` before anything runs, or a TypeError about `async`.
"""

import re
from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Safety
from lrcheck.knowledge import target
from lrcheck.knowledge.deprecated import ASYNC
from lrcheck.rule import rule

SINCE = "0.4"
_HIDDEN = re.compile(r"""\*\*\{\s*["']async["']\s*:\s*([^,{}]+?)\s*,?\s*\}\s*,?$""")


@rule("LR609")
def check(use: ApiUse) -> Iterator[Finding]:
    if use.name not in ASYNC or not target.get().reaches(use.name, SINCE):
        return
    for argument in use.arguments:
        hidden = _HIDDEN.match(argument.site.text.strip()) if argument.star == "**" else None
        if argument.keyword != "async" and hidden is None:
            continue
        edit = Edit(EditKind.RENAME_KEYWORD, argument.site, "non_blocking")
        if hidden is not None:
            edit = Edit(EditKind.REPLACE, argument.site, f"non_blocking={hidden.group(1)}")
        yield Finding(
            title="`async=` was renamed to `non_blocking=`",
            at=Label(argument.site, "`async` is a keyword of Python"),
            note="Python 3.7 and newer do not parse `async=`, torch does not know the argument any more",
            fix=Fix("rename the argument to `non_blocking`", (edit,), Safety.SAFE),
        )
