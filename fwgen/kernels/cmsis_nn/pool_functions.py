"""AVERAGE_POOL_2D and MAX_POOL_2D by CMSIS-NN."""

from __future__ import annotations

from math import prod

from fwgen.contract.call import Arg, Call, Params, Ref
from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.kernels.cmsis_nn.cores import Core, clamp, dims, rows, scratch_argument, sizes_fit, tile
from fwgen.model.element import S8_ALL
from fwgen.ops.parts import checks
from fwgen.ops.parts.checks import Activation
from fwgen.ops.parts.pooling import kernel_of
from fwgen.ops.parts.windows import windows


def holds(node: Node, core: Core) -> bool:
    return sizes_fit(node.x, node.y)


def _params(node: Node, name: str, scratch: tuple[tuple[str, int], ...]) -> Params:
    x, y, options = node.x, node.y, node.options
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


def form_average(node: Node, core: Core) -> Form:
    x, y = node.x, node.y
    size = 4 * x.shape[3] if core is Core.DSP else 0
    name = "cmsis_avgpool_s8"
    args: tuple[Arg, ...] = (
        _params(node, name, (("scratch_bytes", size),)),
        Ref(x.index),
        scratch_argument(size),
        Ref(y.index),
    )
    call = Call(f"fw_{name}", args, library_bytes=size)
    return Form((call,), _cycles(node, *_AVERAGE[core]), size)


def form_max(node: Node, core: Core) -> Form:
    name = "cmsis_max_pool_s8"
    params = _params(node, name, ())
    call = Call(f"fw_{name}", (params, Ref(node.inputs[0]), Ref(node.outputs[0])))
    return Form((call,), _cycles(node, *_MAX[core]))


def _cycles(node: Node, width: int, output: float, tap: float) -> float:
    y, taps = node.y, prod(kernel_of(node))
    vectors = prod(y.shape[:3]) * -(-y.shape[3] // width)
    return vectors * (output + tap * taps) + 500.0


# channels at once, cycles for them, and per tap
_AVERAGE = {Core.MVE: (16, 50.0, 24.8), Core.DSP: (1, 11.0, 8.3), Core.PLAIN: (1, 0.0, 15.3)}
_MAX = {Core.MVE: (16, 40.0, 19.0), Core.DSP: (4, 30.0, 41.0), Core.PLAIN: (4, 30.0, 41.0)}

KERNELS = (
    *rows("AVERAGE_POOL_2D", "cmsis_avgpool_s8", form_average, holds, (S8_ALL,)),
    *rows("MAX_POOL_2D", "cmsis_max_pool_s8", form_max, holds, (S8_ALL,)),
)
