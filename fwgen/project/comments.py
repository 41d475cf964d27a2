"""Comments of the generated C: the kernels of an op, the overlaps in the arena, the origin of
constants.

Each comment is lines of text without the delimiters of C; templates print them. Names of tensors
have passed ``comment``, so that they cannot end a comment.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from fwgen.compile.cascade.cascade_operator import FEED, Cascade
from fwgen.compile.lower.bind import arena_symbol
from fwgen.compile.lower.program import Array, Program, Step
from fwgen.compile.plan.problem import Buffer
from fwgen.model.control import DO, IF, WHILE, spans
from fwgen.model.graph import Op, Tensor
from fwgen.project import c_text

_LINE_CHARACTERS = 100

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Shared:
    """The bytes of an op's output that are those of an input, ``bytes`` of them.

    The output begins ``after_bytes`` after the input: before it where that is negative.
    """

    input: int
    output: int
    after_bytes: int
    bytes: int


def op_comment(program: Program, step: Step) -> list[str]:
    """The comment above an op: its shapes, its kernels, and the inputs that its output covers."""
    op = program.graph.ops[step.position]
    head = f"{step.position}: {step.code} {step.what}"
    if step.index != step.position:
        head += f", op {step.index} of the model"
    if step.macs:
        head += f", {step.macs:,} MACs"
    sentences = _ways(program, step)
    if step.functions:
        sentences.append(f"Kernels: {', '.join(step.functions)}.")
    if isinstance(op.options, Cascade):
        sentences.append(_in_bands(program, op, op.options))
    if step.blocks:
        sentences += [_covers(program, op, shared) for shared in shared_bytes(program, op)]
    return block([head, *sentences])


def _ways(program: Program, step: Step) -> list[str]:
    """What the first or second op of a loop or branch decides, and for which ops."""
    if step.code not in (IF, WHILE, DO):
        return []
    codes = [each.code for each in program.steps]
    span = next(s for s in spans(codes) if step.position in (s.first, s.middle))
    if step.code == WHILE:
        inside = f"ops {span.first + 1} to {span.last}"
        return [f"Its outputs are what {inside} change, again and again, until op {span.middle}."]
    taken = f"t{step.outputs[0]}"
    if step.code == DO:
        return [f"If {taken} is false, the loop is left: op {span.last + 1} comes next."]
    return [
        f"If {taken} is true, ops {span.first + 1} to {span.middle} run, else ops "
        f"{span.middle + 1} to {span.last}."
    ]


def shared_bytes(program: Program, op: Op) -> Iterator[Shared]:
    """What the outputs of an op that moves data share with its inputs, in their order."""
    tensors, offset_of = program.graph.tensors, program.plan.offset_of
    for output in op.outputs:
        for x in dict.fromkeys(op.inputs):
            if x not in offset_of or output not in offset_of:
                continue
            first = max(offset_of[x], offset_of[output])
            ends = (offset_of[t] + tensors[t].bytes for t in (x, output))
            count = min(ends) - first
            if count > 0:
                yield Shared(x, output, offset_of[output] - offset_of[x], count)


def _covers(program: Program, op: Op, shared: Shared) -> str:
    """Which bytes of an input an output is written over, and how the kernel keeps from harm."""
    x, y, after = f"t{shared.input}", f"t{shared.output}", shared.after_bytes
    where = f"where input {x} begins"
    if after:
        where = f"{_count(abs(after))} {'after' if after > 0 else 'before'} input {x}"
    fact = f"utput {y} begins {where} and covers {_count(shared.bytes)} of it"
    if op.pinned is not None:
        return f"O{fact}: the NPU's command stream was made for that."
    if op.index in program.plan.backwards:
        return (
            f"Runs backwards, from the end of {y} to its start, because o{fact}: so each of these "
            "is read before it is overwritten."
        )
    return f"O{fact}: each of these is read before it is overwritten."


def _in_bands(program: Program, op: Op, cascade: Cascade) -> str:
    """Which ops a cascade does, and which tensors are therefore never whole in memory."""
    done = [one for one in cascade.ops if one.code != FEED]
    names = [f"{one.code} (op {one.index} of the model)" for one in done]
    inside = [f"t{one.outputs[0]}" for one in cascade.ops[:-1]]
    buffers = program.plan.buffers
    scratch = next(b.bytes for b in buffers if b.scratch_of == op.index)
    return (
        f"Does {_and(names)} in bands of rows: of {_and(inside)} only the rows that are needed "
        f"next are in memory, in the {_count(scratch)} of its scratch memory."
    )


def arena_map(program: Program) -> list[str]:
    """Which bytes of the arena hold what, during which ops: a line for each buffer of the plan."""
    plan = program.plan
    overlaps: defaultdict[int, str] = defaultdict(str)
    for step in program.steps:
        for shared in (
            shared_bytes(program, program.graph.ops[step.position]) if step.blocks else ()
        ):
            over = f"; over {_count(shared.bytes)} of t{shared.input} in op {step.position}"
            overlaps[shared.output] += over
    lines = block(
        [
            "Map of the arena, in order of address. A part has the bytes from FROM to before TO, "
            "and is in use from the first of OPS to the last.",
            "Inputs are written before op 0; outputs stay until the next inference. Tensors in one "
            "part have the same data, or parts of it.",
        ]
    )
    position_of = {step.index: step.position for step in program.steps}
    for arena in plan.arenas:
        lines += ["", f"{arena_symbol(plan, arena)}{f' in {arena.region}' * bool(arena.region)}:"]
        lines.append(f"{'FROM':>11} {'TO':>11} {'OPS':>9}  WHAT")
        held = sorted(
            (offset - arena.base, buffer.first, buffer.last, j)
            for j, (buffer, offset) in enumerate(zip(plan.buffers, plan.offsets, strict=True))
            if plan.arena_at(offset) is arena
        )
        for offset, first, last, j in held:
            end = offset + plan.buffers[j].bytes
            ops = _span(first, min(last, len(program.steps)) - 1)
            what = _content(program, plan.buffers[j], position_of, overlaps)
            lines.append(f"{offset:11,} {end:11,} {ops:>9}  {what}")
    return lines


def state_map(program: Program) -> list[str]:
    """Which bytes of the state hold which variable: a line for each."""
    plan, tensors = program.plan, program.graph.tensors
    lines = block(
        [
            "Map of the state, in order of address. The first of two tensors is the value from the "
            "inference before, the second the value for the next one.",
        ]
    )
    lines.append(f"{'FROM':>11} {'TO':>11}  WHAT")
    for variable in program.graph.variables:
        offset = plan.offset_of[variable.before] - plan.state.base
        end = offset + tensors[variable.before].bytes
        both = dict.fromkeys((variable.before, variable.after))
        lines.append(f"{offset:11,} {end:11,}  {', '.join(f't{t}' for t in both)}")
    return lines


def _span(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}-{last}"


def _content(
    program: Program, buffer: Buffer, position_of: Mapping[int, int], overlaps: Mapping[int, str]
) -> str:
    """What a buffer holds: tensors with the same data, or with parts of it, and what they overlap;
    or scratch memory."""
    graph, offset_of = program.graph, program.plan.offset_of
    if buffer.scratch_of is not None:
        return f"scratch of op {position_of[buffer.scratch_of]}"
    kinds = {**dict.fromkeys(graph.inputs, " (input)"), **dict.fromkeys(graph.outputs, " (output)")}
    begin = min(offset_of[t] for t in buffer.tensors)
    places = {t: offset_of[t] - begin for t in buffer.tensors}
    names = ", ".join(
        f"t{t}{f' from byte {at:,} on' * bool(at)}{kinds.get(t, '')}" for t, at in places.items()
    )
    return names + "".join(overlaps.get(t, "") for t in buffer.tensors)


def constant_comments(program: Program) -> Mapping[str, list[str]]:
    """The comment above each constant, by name: its readers, the header with its layout, and the
    tensors that it is made of."""
    readers: dict[str, dict[str, None]] = {array.name: {} for array in program.arrays}
    ops: dict[str, dict[int, None]] = {array.name: {} for array in program.arrays}
    for step in program.steps:
        for _, calls in step.blocks:
            for function, args in calls:
                for name in _WORD.findall(" ".join(args)):
                    if name in readers:
                        readers[name][function] = None
                        ops[name][step.position] = None
    return {
        array.name: _constant(program, array, [*readers[array.name]], [*ops[array.name]])
        for array in program.arrays
    }


def _constant(
    program: Program, array: Array, readers: Sequence[str], ops: Sequence[int]
) -> list[str]:
    made_of = [_named(program.graph.tensors[t]) for t in array.made_of]
    positions = f"op{'s' * (len(ops) > 1)} {_and([str(p) for p in ops])}"
    header = array.layout or f"{readers[0].removeprefix('fw_')}.h"
    return block(
        [
            f"{array.name}: read by {_and(readers)} in {positions}; layout: kernels/{header}",
            *(f"Made of {name}" for name in made_of),
        ]
    )


def _named(tensor: Tensor) -> str:
    shape = "x".join(map(str, tensor.shape)) or "scalar"
    return f"t{tensor.index} {c_text.comment(tensor.name)} ({tensor.dtype.name.lower()} {shape})"


def block(sentences: Sequence[str]) -> list[str]:
    """Sentences as lines: each begins one and goes on in as many as it needs."""
    return [
        line
        for sentence in sentences
        for line in wrap(
            sentence, _LINE_CHARACTERS - 6, break_long_words=False, break_on_hyphens=False
        )
    ]


def _count(count: int) -> str:
    return f"{count:,} byte{'s' * (count != 1)}"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
