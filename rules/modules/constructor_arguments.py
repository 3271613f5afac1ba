"""Missing or surplus arguments for a class of the program.

A model class is called with arguments that its `__init__` does not take. Python raises `TypeError: __init__() missing 2
required positional arguments` on that line, often after minutes of loading data.

Example:

    class Net(nn.Module):
        def __init__(self, inputs, classes):
            super().__init__()
            self.fc = nn.Linear(inputs, classes)

    net = Net()  # error
    net = Net(20, 4, 0.5)  # error
    net = Net(20, classes=4, dropout=0.5)  # error

Use instead:

    class Net(nn.Module):
        def __init__(self, inputs, classes):
            super().__init__()
            self.fc = nn.Linear(inputs, classes)

    net = Net(20, 4)

Not reported: default values, and constructors that take anything.

    class Net(nn.Module):
        def __init__(self, inputs, classes=4, *rest, **options):
            super().__init__()
            self.fc = nn.Linear(inputs, classes)

    net = Net(20, 4, 5, dropout=0.5)

Not reported: arguments that are unpacked from somewhere.

    class Net(nn.Module):
        def __init__(self, inputs, classes):
            super().__init__()
            self.fc = nn.Linear(inputs, classes)

    net = Net(**config)

Not reported: a decorated constructor, or a class made another way.

    class Net(nn.Module):
        @configured
        def __init__(self, inputs, classes):
            super().__init__()
            self.fc = nn.Linear(inputs, classes)

    net = Net()

    class Shared:
        def __new__(cls):
            return object.__new__(cls)

        def __init__(self, value):
            self.value = value

    shared = Shared()

Not reported: `cls(...)` in a method of a class: that of a subclass may be meant.

    class Base:
        def __init__(self, value):
            self.value = value

        @classmethod
        def standard(cls):
            return cls()

    class Derived(Base):
        def __init__(self):
            super().__init__(0)

At run time: `TypeError: __init__() missing ...` or `takes ... positional arguments but ... were given`.
"""

from collections.abc import Iterator

from lrcheck.events import Instantiation
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR409")
def check(made: Instantiation) -> Iterator[Finding]:
    takes = ", ".join(made.signature) or "nothing"
    because = (Label(made.definition, f"takes {takes}"),) if made.definition is not None else ()
    names = ", ".join(f"`{name}`" for name in made.missing)
    if made.missing:
        title, at = f"`{_short(made.name)}` lacks {_count(len(made.missing))}", Label(made.site, f"without {names}")
    elif made.surplus:
        title = f"`{_short(made.name)}` is given {_count(len(made.surplus))} too many"
        at = Label(made.surplus[0], "no parameter is left for this")
    elif made.unexpected:
        name, site = made.unexpected[0]
        title, at = f"`{_short(made.name)}` has no parameter `{_short(name)}`", Label(site, f"passed as `{name}`")
    else:
        return
    call = f"`{made.name}({', '.join(made.signature)})`"
    yield Finding(
        title=title, at=at, because=because, note="raises `TypeError` on this line", help=f"call it as {call}"
    )


def _count(number: int) -> str:
    return f"{number} argument{'s' if number > 1 else ''}"


def _short(name: str) -> str:
    return name if len(name) <= 20 else f"{name[:17]}..."
