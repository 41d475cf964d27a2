"""Session + oracle -> Verdict: does the firmware compute what TFLM computes, bit for bit?"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fwgen.link import Link
from fwgen.model.inputs import Values
from fwgen.oracle import Oracle


@dataclass(frozen=True)
class Verdict:
    """``bytes`` output bytes were compared over ``inputs`` inputs, ``mismatches`` of them differ.

    ``first_mismatch`` says where the first difference was found, or is None. ``rounded`` are bytes
    that are not TFLM's but those of Vela's multipliers, exactly, one by one.
    """

    inputs: int
    bytes: int
    mismatches: int
    first_mismatch: dict[str, Any] | None
    rounded: list[dict[str, int]]


def compare(
    ops: Sequence[Mapping[str, Any]],
    link: Link,
    oracle: Oracle,
    inputs: Sequence[Sequence[Values]],
    progress: Callable[[int], None],
    rounding: Link | None = None,
) -> Verdict:
    """Run every input on the device and through TFLM; on a mismatch find the op that differs.

    ``ops`` are the firmware's in their order, as ``build --json`` describes them. ``rounding`` is a
    session whose outputs are right where they are not TFLM's. Raises DeviceFault or
    DeviceUnavailable if a device fails on the way.
    """
    compared = wrong = 0
    first: dict[str, Any] | None = None
    rounded: list[dict[str, int]] = []
    for number, values in enumerate(inputs):
        tflm = b"".join(v.tobytes() for v in oracle.invoke(list(values)))
        expected = tflm if rounding is None else outputs_of(rounding, values)
        got = outputs_of(link, values)
        rounded += [
            {"input": number, "output_byte": i, "tflm": a, "got": b}
            for i, (a, b, right) in enumerate(zip(tflm, got, expected, strict=True))
            if b == right != a
        ]
        differing = [i for i, (a, b) in enumerate(zip(expected, got, strict=True)) if a != b]
        compared += len(expected)
        wrong += len(differing)
        if differing and first is None:
            first = {
                "input": number,
                "output_byte": differing[0],
                "expected": expected[differing[0]],
                "got": got[differing[0]],
                **_first_differing_op(ops, link, oracle),
            }
        progress(number + 1)
    return Verdict(len(inputs), compared, wrong, first, rounded)


def outputs_of(link: Link, values: Sequence[Values]) -> bytes:
    """The bytes of all outputs of an inference on one array per input."""
    link.load(b"".join(v.tobytes() for v in values))
    link.run()
    return link.outputs()


def _first_differing_op(
    ops: Sequence[Mapping[str, Any]], link: Link, oracle: Oracle
) -> dict[str, Any]:
    """The first op whose output on the device is not TFLM's, by CRC and then byte by byte.

    Op, tensor and element are the model's, whatever passes left out.
    """
    device = link.op_crcs()
    for position, (op, crc) in enumerate(zip(ops, device, strict=True)):
        if op["tensor"] is None:  # a pass made it: TFLM has no such tensor
            continue
        value = oracle.tensors([op["tensor"]])[0]
        elements = np.arange(value.size).reshape(value.shape)
        if op["channels"] is not None:
            value, elements = value[..., op["channels"]], elements[..., op["channels"]]
        expected = value.tobytes()
        if zlib.crc32(expected) == crc:
            continue
        got = link.dump(position)
        at = next((i for i, (a, b) in enumerate(zip(expected, got, strict=False)) if a != b), None)
        return {
            "op": op["index"],
            "code": op["op"],
            "tensor": op["tensor"],
            "element": None if at is None else int(elements.flat[at // value.itemsize]),
        }
    return {"op": None, "code": None, "tensor": None, "element": None}
