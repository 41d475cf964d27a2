"""CASCADE, which only the search makes: chains of windowed ops, in bands or fed by rows."""

from __future__ import annotations

from functools import partial

import numpy as np

from fwgen.board import load_board
from fwgen.compile.cascade.search import BandForms, cascade, fused
from fwgen.compile.request import Request
from fwgen.compile.select.choices import choices_of
from fwgen.errors import ModelError
from tests.kernels.graph_builder import GraphBuilder
from tests.kernels.row_cases import Drawn, NoCase
from tests.tflite_models import Tensor

HOST, M55 = load_board("host"), load_board("corstone-300")
CODES = ("CONV_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D", "AVERAGE_POOL_2D")


def _append(m: GraphBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    """A random convolution or pool after tensor ``x``."""
    _, h, w, c = x.shape
    kernel = int(rng.integers(1, min(h, 4) + 1)), int(rng.integers(1, min(w, 4) + 1))
    stride = int(rng.choice([1, 1, 2, 3])), int(rng.choice([1, 1, 2]))
    padding = str(rng.choice(["SAME", "VALID"]))
    sizes = [
        -(-n // s) if padding == "SAME" else (n - k) // s + 1
        for n, k, s in zip((h, w), kernel, stride, strict=True)
    ]
    code = str(rng.choice(CODES))
    options: dict[str, object] = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    options["fused_activation_function"] = str(rng.choice(["NONE", "RELU"]))
    if code.endswith("POOL_2D"):
        y = m.tensor((1, *sizes, c), scale=x.scale, zero_point=x.zero_point)
        m.op(code, [x], [y], filter_height=kernel[0], filter_width=kernel[1], **options)
        return y
    deep = code == "DEPTHWISE_CONV_2D"
    units = c if deep else int(rng.integers(1, 21))
    shape = (1, *kernel, c) if deep else (units, *kernel, c)
    if deep:
        options["depth_multiplier"] = 1
    scales = [float(np.float32(s)) for s in rng.uniform(0.01, 0.02, units)]
    values = rng.integers(-127, 128, shape, np.int8)
    k = m.tensor(shape, scale=scales, axis=3 if deep else 0, data=values)
    scale = float(np.float32(0.05 * np.sqrt(np.prod(shape) / units)))
    y = m.tensor((1, *sizes, units), scale=scale, zero_point=-128)
    m.op(code, [x, k], [y], **options)
    return y


def append_chain(m: GraphBuilder, rng: np.random.Generator) -> None:
    """Two to four windowed ops, perhaps an ADD of what two of them make, or of the input."""
    x = m.tensor(
        (1, *(int(n) for n in rng.integers((6, 1, 1), (24, 14, 20)))), scale=0.05, zero_point=-128
    )
    made = [x]
    for _ in range(int(rng.integers(2, 5))):
        made.append(_append(m, rng, made[-1]))
        same = [t for t in made[:-1] if t.shape == made[-1].shape]
        if same and rng.random() < 0.6:
            y = m.tensor(made[-1].shape, scale=0.1, zero_point=-5)
            m.op("ADD", [made[-1], same[int(rng.integers(len(same)))]], [y])
            made.append(y)


def chain(m: GraphBuilder, rng: np.random.Generator, vectors: bool) -> Drawn:
    """In bands, of the kernels of a core with or without MVE."""
    append_chain(m, rng)
    graph, board = m.build(), M55 if vectors else HOST
    # what is used by nothing is no part of a cascade
    dead = {op.outputs[0] for op in graph.ops[:-1]} - {t for op in graph.ops for t in op.inputs}
    whole = fused(graph, range(len(graph.ops)), BandForms(graph, board))
    if whole is None or dead:
        raise NoCase
    return Drawn(whole, graph, frozenset({"mve"} if vectors else ()))


def fed_chain(m: GraphBuilder, rng: np.random.Generator, vectors: bool) -> Drawn:
    """Of an input that comes row by row."""
    append_chain(m, rng)
    graph, request = m.build(), Request(M55 if vectors else HOST, fed=True)
    try:
        whole = cascade(choices_of(graph, request), request, np.inf).graph
    except ModelError as error:  # the input is also added to what comes out of the end
        raise NoCase from error
    if len(whole.ops) != 1:
        raise NoCase
    return Drawn(whole, graph, frozenset({"mve"} if vectors else ()))


EACH = 5
"""A chain of ops in several ways takes as long as so many ops."""

GENERATORS = tuple(
    partial(generator, vectors=vectors)
    for generator in (chain, fed_chain)
    for vectors in (False, True)
)
