"""The runs of ops: which op each segment of an inference is, where loops and branches decide it.

The firmware writes the number of each op before it runs it. A recording has the moments of these
writes, not the numbers. So the op is told by its function. The compiler does not call those that do
nothing, and may make one of two that are alike. Of all ways through loops and branches, that one is
found on which each segment has the function of its op, or none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fwgen.errors import ToolError
from fwgen.measure.counters.analysis import Work, together
from fwgen.measure.counters.disassembly import Disassembly
from fwgen.model.control import spans

Addresses = frozenset[int]

_FUNCTION = re.compile(r"op(\d+)(\.\w+)*")


def works_of_ops(
    works: Sequence[Work], codes: Sequence[str], image: Disassembly
) -> tuple[list[Work], list[int]]:
    """The work of all runs of each op, and how many these were; ``codes`` are the operators.

    Raises ToolError if the segments are not those of these ops.
    """
    functions: dict[int, Addresses] = {}
    for name, addresses in image.addresses(_FUNCTION).items():
        number = int(re.findall(r"\d+", name)[0])
        functions[number] = functions.get(number, frozenset()) | addresses
    ran = [_functions_in(work, image) for work in works]
    found = op_of_each(ran, codes, functions)
    if found is None:
        raise ToolError(
            f"The image went through {len(works)} runs of ops, which are not those of the project.",
            at=str(image.path),
            tries=("fwgen build, which makes image and project agree",),
        )
    of_op: list[list[Work]] = [[] for _ in codes]
    for op, work in zip(found, works, strict=True):
        of_op[op].append(work)
    return [together(each) for each in of_op], [len(each) for each in of_op]


def _functions_in(work: Work, image: Disassembly) -> Addresses:
    """Where the functions of ops begin that a segment executed."""
    names = (name for name, share in work.symbols.items() if share.instructions > 0)
    return frozenset().union(*(image.addresses(_FUNCTION).get(name, ()) for name in names))


def op_of_each(
    ran: Sequence[Addresses], codes: Sequence[str], functions: Mapping[int, Addresses]
) -> list[int] | None:
    """The op of each segment, of which ``ran`` has the functions; None if there is no such way."""
    after = _successors(codes)
    ways: list[dict[int, int]] = []  # by op, the op before
    now = {0: -1}
    for found in ran:
        now = {
            op: before
            for op, before in now.items()
            if op < len(codes) and _is_run_of(found, functions.get(op, frozenset()))
        }
        ways.append(now)
        now = {after_it: op for op in now for after_it in after[op]}
    if len(codes) not in now:
        return None
    path, op = [], now[len(codes)]
    for way in reversed(ways):
        path.append(op)
        op = way[op]
    return path[::-1]


def _is_run_of(found: Addresses, functions: Addresses) -> bool:
    """Whether a segment can be a run of an op; the call of a function that does nothing is gone."""
    return not found or not found.isdisjoint(functions)


def _successors(codes: Sequence[str]) -> list[tuple[int, ...]]:
    """The ops that may come after each; their number stands for the end."""
    after: list[tuple[int, ...]] = [(op + 1,) for op in range(len(codes))]
    for span in spans(codes):
        if span.loops:
            after[span.middle] = (span.middle + 1, span.last + 1)
            after[span.last] = (span.first + 1,)
        else:
            after[span.first] = (span.first + 1, span.middle + 1)
            after[span.middle] = (span.last + 1,)
    return after
