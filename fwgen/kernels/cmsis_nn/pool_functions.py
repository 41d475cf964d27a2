"""AVERAGE_POOL_2D and MAX_POOL_2D by CMSIS-NN."""

from __future__ import annotations

from math import prod

from fwgen.contract.call import Arg, Call, Params, Ref
from fwgen.contract.kernel import Form
from fwgen.kernels.cmsis_nn.cores import Core, clamp, dims, rows, scratch_argument, sizes_fit, tile
from fwgen.model.element import S8_ALL
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import checks
from fwgen.ops.parts.checks import Activation
from fwgen.ops.parts.pooling import options_of
from fwgen.ops.parts.windows import windows


def holds(graph: Graph, op: Op, core: Core) -> bool:
    return sizes_fit(graph.input(op), graph.output(op))


def _params(graph: Graph, op: Op, name: str, scratch: tuple[tuple[str, int], ...]) -> Params:
    x, y, options = graph.input(op), graph.output(op), options_of(op)
    kernel = options.kernel_h, options.kernel_w
    vertical, horizontal = windows(x, kernel, options)
    return Params(
        f"fw_{name}_params",
        (
            *tile("pool.stride", (options.stride_h, options.stride_w)),
            *tile("pool.padding", (vertical.before, horizontal.before)),
            *clamp("pool.activation", checks.activation_range(Activation(options.activation), y)),
            *dims("input", x.shape),
            *dims("filter", (1, *kernel, 1)),
            *dims("output", y.shape),
            *scratch,
        ),
    )


def form_average(graph: Graph, op: Op, core: Core) -> Form:
    x, y = graph.input(op), graph.output(op)
    size = 4 * x.shape[3] if core is Core.DSP else 0
    name = "cmsis_avgpool_s8"
    args: tuple[Arg, ...] = (
        _params(graph, op, name, (("scratch_bytes", size),)),
        Ref(x.index),
        scratch_argument(size),
        Ref(y.index),
    )
    call = Call(f"fw_{name}", args, library_bytes=size)
    return Form((call,), _cycles(graph, op, *_AVERAGE[core]), size)


def form_max(graph: Graph, op: Op, core: Core) -> Form:
    name = "cmsis_max_pool_s8"
    params = _params(graph, op, name, ())
    call = Call(f"fw_{name}", (params, Ref(op.inputs[0]), Ref(op.outputs[0])))
    return Form((call,), _cycles(graph, op, *_MAX[core]))


def _cycles(graph: Graph, op: Op, width: int, output: float, tap: float) -> float:
    y, options = graph.output(op), options_of(op)
    taps = options.kernel_h * options.kernel_w
    vectors = prod(y.shape[:3]) * -(-y.shape[3] // width)
    return vectors * (output + tap * taps) + 500.0


# channels at once, cycles for them, and per tap
_AVERAGE = {Core.MVE: (16, 50.0, 24.8), Core.DSP: (1, 11.0, 8.3), Core.PLAIN: (1, 0.0, 15.3)}
_MAX = {Core.MVE: (16, 40.0, 19.0), Core.DSP: (4, 30.0, 41.0), Core.PLAIN: (4, 30.0, 41.0)}

AVERAGE = rows("cmsis_avgpool_s8", form_average, holds, S8_ALL)
MAX = rows("cmsis_max_pool_s8", form_max, holds, S8_ALL)
