"""The operators (ops), one file each, and the way in which a graph as read gets their options
and checks."""

from __future__ import annotations

import pkgutil
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from fwgen.contract.node import Node
from fwgen.contract.operator import Operator, fields_of
from fwgen.errors import Fault, ModelError
from fwgen.model.check import check
from fwgen.model.element import Element
from fwgen.model.graph import ABSENT, Graph, Op
from fwgen.ops.parts.constant_ops import Folding
from fwgen.ops.parts.conversions import conversions, retyped
from fwgen.ops.parts.shapes import contradictions
from fwgen.ops.parts.tflm_operators import REASONS, REGISTERED
from fwgen.ops.parts.updates import with_updates
from fwgen.ops.parts.wide_biases import widened


@cache
def operators() -> Mapping[str, Operator]:
    """Every ``OPERATOR`` by its name, in alphabetical order.

    They are in this package's modules; what only a stage makes, such as CASCADE, is in a module of
    that stage whose name ends in ``_operator``.
    """
    names = [f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)]
    package = Path(__path__[0]).parent
    for path in package.rglob("*_operator.py"):
        names.append(".".join(path.relative_to(package.parent).with_suffix("").parts))
    modules = map(import_module, names)
    found = [module.OPERATOR for module in modules if hasattr(module, "OPERATOR")]
    return MappingProxyType({o.name: o for o in sorted(found, key=lambda o: o.name)})


def unsupported(graph: Graph) -> tuple[Fault, ...]:
    """A fault for each op whose operator is unknown."""
    known = operators()
    return tuple(
        Fault(op.index, op.code, _lacking(op.code), Node(graph, op).place)
        for op in graph.ops
        if op.code not in known
    )


def _lacking(code: str) -> str:
    reason = REASONS.get(code)
    if reason is None and code not in REGISTERED:
        return f"fwgen has no {code} for the core, nor has TFLM."
    return f"fwgen has no {code} for the core{f': {reason}' if reason else ''}."


def require_none(graph: Graph, faults: tuple[Fault, ...]) -> None:
    """Raise a ModelError that has all faults, if there are any.

    If the first faults are unknown operators, the error counts them.
    """
    if not faults:
        return
    unknown = Counter(fault.code for fault in faults if fault.what == _lacking(fault.code))
    first = faults[0]
    if not unknown or (first.code in unknown and first.what != _lacking(first.code)):
        raise ModelError(first.what, at=first.at, tries=first.tries, faults=faults)
    counts = ", ".join(f"{code} ({count}x)" for code, count in sorted(unknown.items()))
    raise ModelError(
        f"The model uses operators that fwgen does not support: {counts}.",
        at=graph.at,
        tries=(
            "other operators: docs/operators.md lists those that fwgen has",
            *_alike(unknown),
            "fwgen inspect, which says which of them an NPU could do",
        ),
        faults=faults,
    )


def _alike(codes: Iterable[str]) -> tuple[str, ...]:
    """Operators of files with names like those that are unknown, in a sentence."""
    names = [name for name, operator in operators().items() if operator.of_files]
    found = {code: get_close_matches(code, names, cutoff=0.7) for code in sorted(codes)}
    told = [f"{' or '.join(near)} for {code}" for code, near in found.items() if near]
    return (f"those with names like these: {', '.join(told)}",) if told else ()


def require_readable(graph: Graph, unread: tuple[Fault, ...]) -> None:
    """Raise a ModelError if there are faults of tensors; it has unknown operators, too."""
    if unread:
        require_none(graph, (*unread, *unsupported(graph)))


def check_sound(graph: Graph) -> None:
    """``check``, whose ModelError has unknown operators, too."""
    try:
        check(graph)
    except ModelError as error:
        error.faults = unsupported(graph)
        raise


def check_as_read(graph: Graph, *, for_npu: bool = False) -> None:
    """``check_sound``, and a ModelError if shapes contradict each other.

    The shapes must be the file's own, not those that Vela left. Unknown operators are no fault of a
    model for an NPU.
    """
    check_sound(graph)
    found = contradictions(graph)
    if found:
        first, faults = found[0], found if for_npu else (*found, *unsupported(graph))
        raise ModelError(first.what, at=first.at, tries=first.tries, faults=faults)


def resolve(graph: Graph) -> Graph:
    """``graph`` as read, checked, with every op's options decoded and checked against its operator.

    An op without an options table has the schema's default options. Raises ModelError with the
    faults of all ops.
    """
    check_sound(graph)
    resolved, faults = examined(graph)
    require_none(graph, faults)
    return resolved


def examined(graph: Graph) -> tuple[Graph, tuple[Fault, ...]]:
    """``graph`` as ``resolve`` has it, as far as its ops have no faults, and these."""
    known, faults, ops = operators(), [*unsupported(graph)], []
    graph, doubts = with_updates(_begun(graph), known)
    faults += doubts
    for op in graph.ops:
        try:
            options = known[op.code].options(fields_of(op)) if op.code in known else op.options
            ops.append(replace(op, options=options))
        except ModelError as error:
            faults.append(_fault(op, error))
    resolved = widened(replace(graph, ops=tuple(ops)))
    folding = Folding(resolved)  # ops may want what others compute to be constant
    broken = {t for fault in faults for op in graph.ops if op.index == fault.op for t in op.outputs}
    for op in resolved.ops:
        if op.code not in known:
            continue
        if _waits(folding.graph, op, broken):
            broken.update(op.outputs)  # it may want a constant that a fault before it withholds
            continue
        try:
            known[op.code].examine(Node(folding.graph, op))
        except ModelError as error:
            node = Node(folding.graph, op)
            error.tries = error.tries or conversions(node) or retyped(node, known[op.code].types)
            faults.append(_fault(op, error))
            broken.update(op.outputs)
            continue
        folding.fold(op, known[op.code])
    return resolved, tuple(sorted(faults, key=lambda fault: fault.op))


def index_ranges(graph: Graph) -> dict[int, tuple[range, ...]]:
    """``Operator.indices`` of inputs of a graph as read that are indices, by tensor."""
    known, found = operators(), {}
    for op in graph.ops:
        operator = known.get(op.code)
        if operator is None or operator.indices is None:
            continue
        typed = replace(op, options=operator.options(fields_of(op)))
        for place, ranges in operator.indices(Node(graph, typed)).items():
            if op.inputs[place] in graph.inputs:
                found[op.inputs[place]] = ranges
    return found


def _begun(graph: Graph) -> Graph:
    """The graph with the initial values that the graphs which run once give to its variables.

    Raises ModelError if they do so with an op that is not evaluated at build.
    """
    known = operators()
    values = [variable.initial for variable in graph.variables]
    for once in graph.once:
        tensors = list(once.tensors)
        for variable, value in zip(once.variables, values, strict=False):
            tensors[variable.before] = replace(tensors[variable.before], data=value)
        begun = replace(once, tensors=tuple(tensors), variables=(), once=(), inputs=(), outputs=())
        resolved, faults = examined(begun)
        require_none(once, faults)
        folding = Folding(resolved)
        for op in resolved.ops:
            folding.fold(op, known[op.code])
        if folding.graph.ops:
            left = folding.graph.ops[0]
            raise ModelError(
                f"What {left.code} gives to the model's state is not known before firmware runs.",
                at=Node(once, left).place,
                tries=("constants as the first values of variables",),
            )
        for number, variable in enumerate(once.variables):
            values[number] = folding.graph.tensors[variable.after].constant
    variables = zip(graph.variables, values, strict=True)
    begun_variables = tuple(replace(v, initial=value) for v, value in variables)
    return replace(graph, variables=begun_variables, once=())


def _waits(graph: Graph, op: Op, broken: Container[int]) -> bool:
    """Whether one of the op's integer operands is what an op with a fault would make."""
    return any(
        t in broken and graph.tensors[t].dtype in (Element.S32, Element.S64)
        for t in op.inputs
        if t != ABSENT
    )


def _fault(op: Op, error: ModelError) -> Fault:
    return Fault(op.index, op.code, error.what, error.at, error.tries)
