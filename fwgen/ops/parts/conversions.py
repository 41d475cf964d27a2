"""The conversions that help where fwgen does not take the element types of an op."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fwgen.contract.node import Node
from fwgen.model.element import Element, Types, agree, of_input

_INT8 = (
    "convert it again with converter.optimizations = [tf.lite.Optimize.DEFAULT], a "
    "converter.representative_dataset and converter.target_spec.supported_ops = "
    "[tf.lite.OpsSet.TFLITE_BUILTINS_INT8]"
)
_LEGACY = (
    "begin with the float model: uint8 weights are a scheme of TensorFlow 1 that TFLM runs no more",
    _INT8,
)
_HYBRID = (
    "quantize activations, too: of int8 weights and float32 (dynamic range) TFLM computes nothing",
    _INT8,
)
_HALF = ("quantize to int8: weights of float16 only save memory on a disk", _INT8)
_FLOAT = (
    "let the converter quantize this op, too, or end the model before it and do the rest in your "
    "own code",
    _INT8,
)


def conversions(node: Node) -> tuple[str, ...]:
    """What to try where an op is refused, by what its operands are; () if they say nothing."""
    tensors = [*node.operands(), *(node.tensors[t] for t in node.outputs)]
    constant = {t.dtype for t in tensors if t.data is not None and len(t.shape) > 1}
    computed = {t.dtype for t in tensors if t.data is None}
    if Element.U8 in constant:
        return _LEGACY
    if Element.F32 in computed and Element.S8 in constant:
        return _HYBRID
    if Element.F16 in constant | computed:
        return _HALF
    return _FLOAT if Element.F32 in computed else ()


_LISTED = 4
"""Lists of element types that a sentence names at most."""

_KINDS: Mapping[Element, tuple[str, ...]] = {
    Element.S16: (
        "quantize to int8, which more ops take: converter.target_spec.supported_ops = "
        "[tf.lite.OpsSet.TFLITE_BUILTINS_INT8]",
    ),
    Element.U8: (
        "converter.inference_input_type = converter.inference_output_type = tf.int8, for uint8 at "
        "the ends of the model",
    ),
    Element.S64: ("tf.int32 in place of tf.int64 where the model is made",),
    Element.BOOL: ("tf.cast of truth values to the type of the other operands",),
}
"""What to try where the element type of an op's first input is not among those that it takes."""


def retyped(node: Node, known: Sequence[Types]) -> tuple[str, ...]:
    """What to try where the operands have none of the ``known`` types of an operator.

    It is what helps with the type at hand, and those that go together; () if their types are not
    what is wrong.
    """
    if not node.inputs or not node.outputs or any(agree(types, node.types) for types in known):
        return ()
    found = node.types
    taken = any(of_input(types, 0) in (None, found[0]) for types in known)
    kind = () if taken or found[0] is None else _KINDS.get(found[0], ())
    nearest = sorted(known, key=lambda types: _differing(types, found))
    lists = [*dict.fromkeys(map(_words, nearest))]
    more = ", and others, as docs/operators.md has them" if len(lists) > _LISTED else ""
    return (*kind, f"element types that {node.code} takes: {'; '.join(lists[:_LISTED])}{more}")


def _differing(types: Types, found: Types) -> int:
    """How many operands have another type."""
    inputs = (of_input(types, place) for place in range(len(found) - 1))
    pairs = zip((*inputs, types[-1]), found, strict=True)
    return sum(None not in pair and pair[0] is not pair[1] for pair in pairs)


def _words(types: Types) -> str:
    words = ["any" if one is None else one.word for one in types]
    if len({*words}) == 1:
        return f"{words[0]} throughout"
    return f"{', '.join(words[:-1])} to {words[-1]}"
