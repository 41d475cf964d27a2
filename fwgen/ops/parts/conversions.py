"""The conversions that help where fwgen does not take the element types of an op."""

from __future__ import annotations

from fwgen.contract.node import Node
from fwgen.model.element import Element

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
