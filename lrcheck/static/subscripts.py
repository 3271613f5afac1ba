"""Indexing: elements of containers, rows and columns of tensors, samples of datasets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import libcst as cst

from lrcheck.facts import SOME, DType, Form, TensorFacts
from lrcheck.static import accumulators, api_uses, arrays, attributes, calls, module_making, snapshots
from lrcheck.static.arguments import of
from lrcheck.static.evaluation import EVALUATORS, evaluate
from lrcheck.static.joining import join_all
from lrcheck.static.run import Run
from lrcheck.static.values import (
    UNKNOWN,
    Api,
    Const,
    Dataset,
    Instance,
    Layer,
    Mapping,
    Optimizer,
    Seq,
    Size,
    Stream,
    Tool,
    Union,
    Unknown,
    new_identity,
    number,
)


def subscript(run: Run, node: cst.Subscript) -> Any:
    """`value[index]`."""
    if type(node.value) is cst.Attribute and node.value.attr.value == "data":
        owner = evaluate(run, node.value.value)
        if isinstance(owner, TensorFacts):
            api_uses.data_item(run, owner, node)
            return _of_tensor(run, owner.but(attached=False), node.slice, node)
    value = evaluate(run, node.value)
    return get(run, value, node.slice, node)


def get(run: Run, value: Any, parts: Any, node: Any) -> Any:

    if isinstance(value, TensorFacts):
        return _of_tensor(run, value, parts, node)
    if type(value) is Unknown and value.attrs is None and arrays.shape_of(value) is not None:
        return arrays.array(_of_tensor(run, value.tensor(), parts, node).shape, value)
    key = _index(run, parts)
    if isinstance(value, Seq):
        return _of_sequence(run, value, key)
    if isinstance(value, Mapping):
        return _of_mapping(run, value, key, node)
    if isinstance(value, Layer):
        return _of_layer(run, value, key)
    if isinstance(value, Dataset):
        return attributes.fresh(value.element)
    if isinstance(value, Stream):
        return value.element
    if isinstance(value, Union):
        return join_all(get(run, alternative, parts, node) for alternative in value.alternatives)
    if isinstance(value, Instance):
        return calls.get_item(run, value, key, node)
    if isinstance(value, Tool) and value.kind == "bunch" and isinstance(key, Const):
        if type(value.of) is tuple and type(key.value) is int and -len(value.of) <= key.value < len(value.of):
            return value.attrs[value.of[key.value]]
        return value.attrs.get(str(key.value), Unknown())
    if isinstance(value, (Optimizer, Tool, Api)):
        return Unknown()
    if isinstance(value, Unknown):
        if arrays.is_indexed(value) and (picked := arrays.column(value, key, parts)) is not None:
            return picked
        if isinstance(key, Const) and isinstance(key.value, (int, str)):
            return attributes.part_of(value, f"[{key.value!r}]")
        found = Unknown(value.why)
        found.model = value.given_by()
        return found
    return Unknown()


def put(run: Run, target: cst.Subscript, value: Any) -> None:
    """`container[index] = value`."""
    container = evaluate(run, target.value)
    key = _index(run, target.slice)
    if isinstance(container, Mapping):
        if isinstance(key, Const):
            run.put(container.items, key.value, value)
        else:
            run.put(container.cell, "open", True)
    elif isinstance(container, Seq):
        items, gap = container.cell["v"]
        if (
            gap is None
            and isinstance(key, Const)
            and isinstance(key.value, int)
            and -len(items) <= key.value < len(items)
        ):
            changed = list(items)
            changed[key.value] = value
            run.put(container.cell, "v", (tuple(changed), None))
        else:
            run.put(container.cell, "v", ((), 0))
            if "n" in container.cell:
                run.put(container.cell, "n", UNKNOWN)
    elif isinstance(container, TensorFacts):
        snapshots.parameter_changed(run, container, target)
        _put_into_tensor(run, target, container, value)
    elif isinstance(container, Tool):
        snapshots.rewritten(run, container)
    elif isinstance(container, Unknown) and isinstance(key, Const) and isinstance(key.value, (int, str)):
        if container.attrs is None:
            container.attrs = {}
        run.put(container.attrs, f"[{key.value!r}]", value)


def _put_into_tensor(run: Run, target: cst.Subscript, container: TensorFacts, value: Any) -> None:
    """`tensor[index] = value`: the tensor now also holds what was written, with its gradient."""
    written = (
        value
        if isinstance(value, TensorFacts)
        else value.tensor()
        if isinstance(value, Unknown)
        else TensorFacts(attached=False)
    )
    holder: Any = target.value
    while isinstance(holder, cst.Subscript):  # `tensor[i][j] = value` writes into the tensor, too
        holder = holder.value
        whole = evaluate(run, holder)
        container = whole if isinstance(whole, TensorFacts) else container
    changed = TensorFacts(
        shape=container.shape,
        dtype=container.dtype,
        attached=True
        if container.attached or written.attached
        else False
        if written.attached is container.attached is False
        else None,
        roots=container.roots | written.roots if written.roots and container.roots else frozenset(),
        identity=new_identity(),
        model=container.model or written.model,
        why_unknown="filled element by element",
    )
    if isinstance(target.value, cst.Subscript) and not isinstance(evaluate(run, holder), TensorFacts):
        return
    if isinstance(holder, cst.Name):
        run.put(run.scope.vars, holder.value, changed)
    elif isinstance(holder, cst.Attribute):
        attributes.put(run, evaluate(run, holder.value), holder.attr.value, changed, holder, None)


def _index(run: Run, parts: Any) -> Any:
    """The index as a value: a constant, a slice as a `Seq` of (lower, upper), or unknown."""
    if len(parts) != 1:
        for part in parts:
            if isinstance(part.slice, cst.Index):
                evaluate(run, part.slice.value)
        return Unknown()
    inner = parts[0].slice
    if isinstance(inner, cst.Index):
        return evaluate(run, inner.value)
    bounds = [evaluate(run, bound) if bound is not None else Const(None) for bound in (inner.lower, inner.upper)]
    step = evaluate(run, inner.step) if inner.step is not None else Const(None)
    return Seq([*bounds, step], "slice")


def _of_sequence(run: Run, value: Seq, key: Any) -> Any:
    items, gap = value.cell["v"]
    if isinstance(key, Const) and isinstance(key.value, int):
        index = key.value
        if index >= 0 and index < (len(items) if gap is None else gap):
            return items[index]
        if index < 0 and -index <= len(items) - (gap or 0):
            return items[index]
        return attributes.another(join_all(items)) if items and gap is not None else Unknown()
    if isinstance(key, Seq) and key.kind == "slice":
        bounds = [bound.value for bound in key.items if isinstance(bound, Const)]
        numbers = [bound for bound in bounds if bound is None or isinstance(bound, int)]
        if gap is None and len(numbers) == len(key.items) and numbers[2] != 0:
            return Seq(items[numbers[0] : numbers[1] : numbers[2]], value.kind)
        return Seq([join_all(items)] if items else [], value.kind, 0)
    return attributes.another(join_all(items))


def _of_mapping(run: Run, value: Mapping, key: Any, node: Any) -> Any:
    if isinstance(key, Const):
        try:
            if key.value in value.items:
                return value.items[key.value]
        except TypeError:
            return Unknown()
        return made_by_default(run, value, key.value, node)
    if value.cell["open"] or not value.items:
        return Unknown()
    return join_all(value.items.values())


def made_by_default(run: Run, mapping: Mapping, key: Any, node: Any, first: Any = None) -> Any:
    """A key that a dictionary does not hold, and gets: of a `defaultdict`, or by `setdefault(key, first)`."""
    if mapping.cell["open"] or (first is None and mapping.factory is None):
        return Unknown()
    value = first if first is not None else calls.call(run, mapping.factory, of([]), node)
    run.put(mapping.items, key, value)
    accumulators.defaulted(run, mapping.items, key)
    if isinstance(value, Instance):
        accumulators.defaulted(run, value.attrs)
    return value


def _of_layer(run: Run, layer: Layer, key: Any) -> Any:
    if layer.keys is not None and isinstance(key, Const) and key.value in layer.keys.items:
        return layer.keys.items[key.value]
    if layer.children is None:
        return Unknown()
    if run.loops and (key.part if isinstance(key, Unknown) else not run.loops[-1].data):
        run.ledger.counted.add(id(run.loops[-1].node))
    found = _of_sequence(run, layer.children, key)
    if isinstance(found, Seq):
        return module_making.container(run, layer.name, layer.node, found)
    return found


def row(value: TensorFacts) -> Any:
    """`tensor[i]`: the first dimension goes."""
    shape = value.shape[1:] if value.shape else None
    return value.but(shape=shape, identity=new_identity(), out_features=None)


def _of_tensor(run: Run, value: TensorFacts, parts: Any, node: Any) -> Any:
    """Rows keep what the numbers stand for; columns of scores and one-hot rows do not."""
    shape: list[Any] | None = list(value.shape) if value.shape is not None else None
    result: list[Any] | None = [] if shape is not None else None
    position = 0
    whole_rows = True
    for part in parts:
        inner = part.slice
        if isinstance(inner, cst.Index):
            index = evaluate(run, inner.value)
            if isinstance(inner.value, cst.Ellipsis):
                shape = result = None
                whole_rows = False
                continue
            if isinstance(index, Const) and index.value is None:
                if result is not None:
                    result.append(1)
                continue
            if isinstance(index, Unknown) and value.made_by is not None and value.made_by.name == "eye":
                index = index.tensor()
            if value.classes is not None and (
                isinstance(index, Unknown) or (isinstance(index, TensorFacts) and _may_filter(index))
            ):
                value = value.but(classes=None)  # `y[y < 5]` holds fewer classes
            if isinstance(index, TensorFacts):
                value = value.but(scalar=None) if value.scalar is not None else value
                picked = _picked(run, value, index, node)
                if picked is not None:
                    return picked
                result = _rows(index) if len(parts) == 1 and result is not None else None
            elif isinstance(index, Seq) and index.kind == "list" and len(parts) == 1 and result is not None:
                result = [SOME]
            elif not isinstance(index, (Const, Size)):
                result = None
            if position > 0:
                whole_rows = False
            position += 1
            continue
        full = inner.lower is None and inner.upper is None
        if result is not None and shape is not None and position < len(shape):
            result.append(shape[position] if full else _cut(run, shape[position], inner))
        if not full and position > 0:
            whole_rows = False
        position += 1
    if result is not None and shape is not None:
        result.extend(shape[position:])
    if whole_rows or value.form in (Form.DATA, None):
        return value.but(shape=None if result is None else tuple(result), identity=new_identity(), out_features=None)
    keep = value.form if value.form in (Form.PROBABILITIES, Form.CLASS_INDEX) else None
    return value.but(
        shape=None if result is None else tuple(result),
        form=None if keep is Form.PROBABILITIES and value.activation == "softmax" else keep,
        identity=new_identity(),
        out_features=None,
        classes=None,
    )


def _rows(index: TensorFacts) -> list[Any] | None:
    """The dimensions that take the place of the first one: `x[permutation[:64]]`, `x[mask]`."""
    if index.shape is None:
        return None
    if _may_filter(index) or index.dtype is not DType.INT:
        return [None] if len(index.shape) == 1 else None
    return list(index.shape)


def _cut(run: Run, size: Any, part: cst.Slice) -> Any:
    """The length of `x[lower:upper]`."""
    if part.step is not None:
        return None
    bounds = [evaluate(run, bound) if bound is not None else Const(None) for bound in (part.lower, part.upper)]
    numbers = [bound.value for bound in bounds if isinstance(bound, Const)]
    if len(numbers) == 2 and isinstance(size, int) and all(each is None or isinstance(each, int) for each in numbers):
        return len(range(*slice(numbers[0], numbers[1]).indices(size)))
    return SOME if _is_stretch(run, part) else None


def _is_stretch(run: Run, part: cst.Slice) -> bool:
    """`x[i : i + 64]`: more than one element, however many."""
    upper = part.upper
    if part.lower is None or not isinstance(upper, cst.BinaryOperation) or not isinstance(upper.operator, cst.Add):
        return False
    length = number(evaluate(run, upper.right))
    return isinstance(length, int) and length > 1 and upper.left.deep_equals(part.lower)


def _may_filter(index: TensorFacts) -> bool:
    """A mask chooses samples by a condition."""
    return index.dtype is DType.BOOL or index.form in (Form.THRESHOLDED, Form.MATCHES)


def _picked(run: Run, value: TensorFacts, index: TensorFacts, node: Any) -> TensorFacts | None:
    """`torch.eye(classes)[labels]` makes one-hot rows."""
    if value.made_by is not None and value.made_by.name == "eye" and index.form in (Form.CLASS_INDEX, None):
        columns = value.shape[1] if value.shape is not None and len(value.shape) == 2 else None
        shape = (*index.shape, columns) if index.shape is not None else None
        return TensorFacts(
            form=Form.ONE_HOT,
            made_by=replace(value.made_by, operand=index, site=run.site(node)),
            shape=shape,
            dtype=DType.FLOAT,
            classes=columns if isinstance(columns, int) else None,
            roots=index.roots,
            attached=False,
            identity=new_identity(),
        )
    return None


EVALUATORS[cst.Subscript] = subscript
