"""Rows of QUANTIZE and DEQUANTIZE on MVE."""

from __future__ import annotations

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import MVE, Kernel, OverlapLimit, one_form
from fwgen.contract.node import Node
from fwgen.kernels.conversions.reciprocal import reciprocal
from fwgen.model.element import S16_ALL, Element, Types
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.ops import dequantize
from fwgen.ops.parts.overlap import borders, distance

FLOATS = MVE | {"fpu"}
"""What a core needs for vectors of float32."""

RESCALED: tuple[Types, ...] = (
    (Element.S8, Element.S16),
    (Element.S8, Element.S32),
    (Element.S16, Element.S8),
    S16_ALL,
    (Element.S16, Element.S32),
)
"""Pairs of types between which a number is multiplied."""


def _calls_real(node: Node) -> tuple[Call, ...]:
    (call,) = dequantize.calls_reference(node)
    return (Call(f"{call.function}_mve", call.args),)


def _real(element: Element) -> Kernel:
    return Kernel(
        "DEQUANTIZE",
        f"dequantize_{element.suffix}_f32_mve",
        "fwgen",
        one_form(_calls_real, lambda node: 1.8 * node.x.elements + 30.0),
        FLOATS,
        types=((element, Element.F32),),
    )


def _calls_quantized(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    found = reciprocal(y.scale, y.zero_point)
    assert found is not None
    fields = (
        ("elements", x.elements),
        ("zero_point", y.zero_point),
        *zip(("high", "low"), found, strict=True),
    )
    params = Params("fw_quantize_f32_s8_mve_params", fields)
    return (Call("fw_quantize_f32_s8_mve", (params, Ref(x.index), Ref(y.index))),)


def _holds_quantized(node: Node) -> bool:
    return reciprocal(node.y.scale, node.y.zero_point) is not None


def _factor(node: Node) -> tuple[int, int]:
    return quantize_multiplier(node.x.scale / node.y.scale)


def _holds_rescaled(node: Node) -> bool:
    """Whether no number leaves 32 bits: before the multiplication, which makes none greater, nor
    with the zero point of the output."""
    (low, high), zero_point = node.x.dtype.limits, node.x.zero_point
    _, shift = _factor(node)
    most = max(high - zero_point, zero_point - low) << min(max(shift, 0), 31)
    return most < 1 << 30 and shift >= -31 and abs(node.y.zero_point) < 1 << 30


def _calls_rescaled(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    multiplier, shift = _factor(node)
    fields = (
        ("elements", x.elements),
        ("input_zero_point", x.zero_point),
        ("left", max(shift, 0)),
        ("multiplier", multiplier),
        ("right", min(shift, 0)),
        ("output_zero_point", y.zero_point),
    )
    params = Params("fw_requantize_elements_params", fields)
    name = f"fw_requantize_{x.dtype.suffix}_{y.dtype.suffix}_mve"
    return (Call(name, (params, Ref(x.index), Ref(y.index))),)


def _overlap_rescaled(node: Node) -> OverlapLimit:
    """4 elements at a time."""
    x, y, count = node.x.dtype.bytes, node.y.dtype.bytes, node.x.elements
    firsts = borders(range(0, count, 4))
    apart = distance([x * k for k in firsts], [y * min(k + 4, count) for k in firsts])
    return OverlapLimit((apart,), step_bytes=max(x, y))


def _cycles_rescaled(node: Node) -> float:
    """For an element 3.8, and more where the output is narrower."""
    more = {4: 0.0, 2: 0.5, 1: 1.0}[node.y.dtype.bytes]
    return (3.8 + more) * node.x.elements + 30.0


def _rescaled(types: Types) -> Kernel:
    x, y = (element.suffix for element in types if element is not None)
    return Kernel(
        "QUANTIZE",
        f"requantize_{x}_{y}_mve",
        "fwgen",
        one_form(_calls_rescaled, _cycles_rescaled, _overlap_rescaled),
        MVE,
        _holds_rescaled,
        types=(types,),
    )


KERNELS = (
    *map(_real, dequantize.ELEMENTS),
    Kernel(
        "QUANTIZE",
        "quantize_f32_s8_mve",
        "fwgen",
        one_form(_calls_quantized, lambda node: 3.8 * node.x.elements + 30.0),
        FLOATS,
        _holds_quantized,
        types=((Element.F32, Element.S8),),
    ),
    *map(_rescaled, RESCALED),
)
