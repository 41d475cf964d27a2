"""Outputs over dying inputs: what a variant permits is safe, and nothing less is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import kernels
import mve
import numpy as np
import pytest
from kernels import Case, Memory
from tflite_models import ModelBuilder, random_inputs
from tflm import load

from fwgen.model.graph import Graph, Op
from fwgen.ops import operators
from fwgen.ops.operator import Call, Form, Variant

INPUTS = 3
"""Random inputs by which a contract that is too small must be found out."""


@dataclass(frozen=True)
class Way:
    """A form of a variant in one direction, with its distance."""

    graph: Graph
    variant: Variant
    form: Form
    calls: tuple[Call, ...]
    distance: int
    backwards: bool

    def memory(self, less: int) -> Memory:
        """Input and output ``less`` bytes nearer than the contract says, then scratch."""
        op = self.graph.ops[0]
        x, y = self.graph.input(op).bytes, self.graph.output(op).bytes
        distance = self.distance - less
        # where the input begins, from the beginning of the output
        at = x_end - x if (x_end := y - distance) and self.backwards else distance
        output, source = max(0, -at), max(0, at)
        scratch = -(-max(source + x, output + y) // 16) * 16
        return Memory(scratch + self.form.scratch_bytes, source, output, scratch)


def ways(graph: Graph, variant: Variant) -> Iterator[Way]:
    op = graph.ops[0]
    size = graph.input(op).bytes + graph.output(op).bytes
    for form in variant.forms_of(graph, op):
        for distance, calls, backwards in (
            (form.forwards_at(0), form.calls, False),
            (form.backwards_at(0), form.backwards_calls, True),
        ):
            if distance is not None and abs(distance) <= size:
                yield Way(graph, variant, form, calls, distance, backwards)


def convolution(rng: np.random.Generator, code: str, wide: bool) -> bytes:
    """A random CONV_2D, DEPTHWISE_CONV_2D, pool or FULLY_CONNECTED."""
    m = ModelBuilder()
    h, w, c, units = (int(n) for n in rng.integers(1, (9, 9, 21, 21) if wide else (6, 6, 5, 5)))
    batches = int(rng.integers(1, 3))
    if code == "FULLY_CONNECTED":
        x_shape, y_shape, k_shape, axis = (h * w, c), (h * w, units), (units, c), 0
        options: dict[str, object] = {}
    else:
        kh, kw = int(rng.integers(1, min(h, 4) + 1)), int(rng.integers(1, min(w, 4) + 1))
        if code == "CONV_2D" and rng.random() < 0.4:
            kh = kw = 1
        sh, sw = (int(n) for n in rng.integers(1, 3, 2))
        padding = str(rng.choice(["SAME", "VALID"]))
        sizes = [
            -(-n // s) if padding == "SAME" else (n - k) // s + 1
            for n, k, s in ((h, kh, sh), (w, kw, sw))
        ]
        options = {"padding": padding, "stride_h": sh, "stride_w": sw}
        if code == "DEPTHWISE_CONV_2D":
            options["depth_multiplier"] = times = int(rng.integers(1, 3))
            units, k_shape, axis = c * times, (1, kh, kw, c * times), 3
        elif code == "CONV_2D":
            k_shape, axis = (units, kh, kw, c), 0
        else:
            units = c
            options |= {"filter_height": kh, "filter_width": kw}
        x_shape, y_shape = (batches, h, w, c), (batches, *sizes, units)
    options["fused_activation_function"] = str(rng.choice(["NONE", "RELU"]))
    x = m.tensor(x_shape, scale=0.05, zero_point=-128)
    if code.endswith("POOL_2D"):
        y = m.tensor(y_shape, scale=0.05, zero_point=-128)
        m.op(code, [x], [y], **options)
        return m.build()
    scales = [float(np.float32(s)) for s in rng.uniform(0.01, 0.02, units)]
    k = m.tensor(k_shape, scale=scales, axis=axis, data=rng.integers(-127, 128, k_shape, np.int8))
    b = m.tensor(
        (units,),
        "int32",
        scale=[float(np.float32(0.05 * s)) for s in scales],
        axis=0,
        data=np.zeros(units, np.int32),
    )
    y = m.tensor(
        y_shape, scale=float(np.float32(0.05 * np.sqrt(np.prod(k_shape) / units))), zero_point=-128
    )
    m.op(code, [x, k, b], [y], **options)
    return m.build()


def random_ways(
    seed: int, count: int, code: str, wide: bool, pick: Callable[[Variant, Graph, Op], bool]
) -> Iterator[tuple[Way, bytes]]:
    rng = np.random.default_rng(seed)
    for _ in range(count):
        data = convolution(rng, code, wide)
        graph = load(data)
        op = graph.ops[0]
        for variant in operators()[op.code].variants:
            if pick(variant, graph, op) and variant.holds(graph, op):
                for way in ways(graph, variant):
                    # a graph of its own, as cases are told apart by it
                    yield replace(way, graph=load(data)), data


Run = Callable[[list[Case], kernels.Callable, kernels.Layout], list[list[np.ndarray]]]


def outputs(found: list[tuple[Way, bytes]], less: int, run: Run) -> list[list[np.ndarray]]:
    """By way, its outputs for some inputs."""
    of = {id(way.graph): way for way, _ in found}
    cases = [
        (way.graph, random_inputs(data, np.random.default_rng(k)))
        for way, data in found
        for k in range(INPUTS)
    ]

    def pick(graph: Graph, op: Op) -> Variant:
        way = of[id(graph)]
        size = way.form.scratch_bytes
        return replace(
            way.variant, calls=lambda *_: way.calls, scratch_bytes=lambda *_: size, forms=None
        )

    got = run(cases, pick, lambda graph, op, scratch: of[id(graph)].memory(less))
    results = [arrays[graph.outputs[0]] for (graph, _), arrays in zip(cases, got, strict=True)]
    return [results[i : i + INPUTS] for i in range(0, len(results), INPUTS)]


def expected(found: list[tuple[Way, bytes]]) -> list[list[np.ndarray]]:
    cases = [
        (way.graph, random_inputs(data, np.random.default_rng(k)))
        for way, data in found
        for k in range(INPUTS)
    ]
    results = [
        arrays[graph.outputs[0]]
        for (graph, _), arrays in zip(cases, kernels.run(cases, flags=("-O2",)), strict=True)
    ]
    return [results[i : i + INPUTS] for i in range(0, len(results), INPUTS)]


def differ(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return any(one.tobytes() != other.tobytes() for one, other in zip(a, b, strict=True))


def on_host(cases: list[Case], pick: object, layout: kernels.Layout) -> list[list[np.ndarray]]:
    return kernels.run(cases, pick, ("-O2",), layout)  # type: ignore[arg-type, return-value]


def on_m55(cases: list[Case], pick: object, layout: kernels.Layout) -> list[list[np.ndarray]]:
    results = mve.run(cases, pick, layout=layout)  # type: ignore[arg-type]
    return [result.tensors for result in results]  # type: ignore[misc]


CODES = ("CONV_2D", "DEPTHWISE_CONV_2D", "AVERAGE_POOL_2D", "MAX_POOL_2D", "FULLY_CONNECTED")


@pytest.mark.parametrize("code", CODES)
def test_reference_kernels_keep_their_contract_and_need_it(code: str) -> None:
    found = list(
        random_ways(1, 60, code, False, lambda variant, *_: variant.provider == "reference")
    )
    right = expected(found)
    assert not [
        way
        for (way, _), a, b in zip(found, outputs(found, 0, on_host), right, strict=True)
        if differ(a, b)
    ]
    wrong = [differ(a, b) for a, b in zip(outputs(found, 1, on_host), right, strict=True)]
    # a byte too many may not matter: a weight of 0, a clamped output, a value that stays the same
    assert sum(wrong) >= 0.4 * len(wrong) > 20


@pytest.mark.parametrize("code", [code for code in CODES if code != "DEPTHWISE_CONV_2D"])
def test_vector_kernels_keep_their_contract(code: str) -> None:
    found = list(random_ways(2, 60, code, True, lambda variant, *_: "mve" in variant.needs))
    right = expected(found)
    bad = [
        way
        for (way, _), a, b in zip(found, outputs(found, 0, on_m55), right, strict=True)
        if differ(a, b)
    ]
    assert not bad, [
        (w.variant.name, w.distance, w.backwards, w.graph.tensors[0].shape) for w in bad
    ]
    wrong = [differ(a, b) for a, b in zip(outputs(found, 1, on_m55), right, strict=True)]
    assert sum(wrong) >= 0.4 * len(wrong) > 10
