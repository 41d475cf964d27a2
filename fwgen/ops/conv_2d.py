"""CONV_2D: NHWC convolution with per-channel or per-tensor weights and a fused clamp."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import MVE, Form, Kernel, OverlapLimit, one_form
from fwgen.contract.operator import Fields, Operator
from fwgen.kernels.cmsis_nn import convolve, cores
from fwgen.kernels.cmsis_nn.cores import Core
from fwgen.kernels.matrix import products, strips
from fwgen.kernels.matrix.products import Pixels
from fwgen.model.graph import Graph, Op, Tensor
from fwgen.ops.parts import checks, weights
from fwgen.ops.parts.channel_rules import mixing_rule
from fwgen.ops.parts.channels import ChannelRule, outside_taps
from fwgen.ops.parts.checks import Activation, require
from fwgen.ops.parts.overlap import by_window
from fwgen.ops.parts.windows import ExplicitPadding, require_window, window_fields


@dataclass(frozen=True)
class Options:
    """The schema's ``Conv2DOptions``; sizes in elements."""

    padding: int | ExplicitPadding
    stride_h: int
    stride_w: int
    activation: int
    dilation_h: int
    dilation_w: int


def read_options(fields: Fields) -> Options:
    return Options(
        padding=fields.i8(0),
        stride_w=fields.i32(1),
        stride_h=fields.i32(2),
        activation=fields.i8(3),
        dilation_w=fields.i32(4, 1),
        dilation_h=fields.i32(5, 1),
    )


def options_of(op: Op) -> Options:
    assert isinstance(op.options, Options)
    return op.options


def kernel_of(w: Tensor) -> tuple[int, int]:
    return w.shape[1], w.shape[2]


def check(graph: Graph, op: Op) -> None:
    checks.require_operands(graph, op, least=2, most=3)
    x, w, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    for tensor in (x, y):
        checks.require_per_tensor(tensor, graph, op)
    for tensor in (x, w, y):
        checks.require_rank(tensor, 4, graph, op)
    channels, depth = w.shape[0], w.shape[3]
    weights.require_weights(x, w, y, channels, 0, graph, op)
    weights.require_bias(graph, op, channels)
    require(
        x.shape[3] % depth == 0 and channels % (x.shape[3] // depth) == 0,
        f"Weights of depth {depth} for {channels} channels do not divide an input of "
        f"{x.shape[3]} channels into groups.",
        graph,
        op,
    )
    require_window(x, y, kernel_of(w), channels, options_of(op), graph, op)
    weights.require_sums_fit(w, 0, graph, op)


def macs(graph: Graph, op: Op) -> int:
    w, y = graph.input(op, 1), graph.output(op)
    return y.elements * (w.elements // w.shape[0])


def calls_reference(graph: Graph, op: Op) -> tuple[Call, ...]:
    x, w, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    options = options_of(op)
    low, high = checks.activation_range(Activation(options.activation), y)
    multipliers, shifts = weights.multipliers(x, w, y, w.shape[0])
    params = Params(
        "fw_conv_2d_s8_params",
        (
            *window_fields(x, y, kernel_of(w), options),
            ("kernel_c", w.shape[3]),
            ("dilation_h", options.dilation_h),
            ("dilation_w", options.dilation_w),
            ("input_zero_point", x.zero_point),
            ("output_zero_point", y.zero_point),
            ("activation_min", low),
            ("activation_max", high),
        ),
    )
    return (
        Call(
            "fw_conv_2d_s8",
            (
                params,
                Ref(x.index),
                Ref(w.index),
                weights.bias_argument(graph, op),
                Constant("multiplier", multipliers),
                Constant("shift", shifts),
                Ref(y.index),
            ),
        ),
    )


def cost_reference(graph: Graph, op: Op) -> float:
    w, y = graph.input(op, 1), graph.output(op)
    taps = y.elements * w.shape[1] * w.shape[2]
    return 7.0 * macs(graph, op) + 18.0 * taps + 110.0 * y.elements


def overlap_reference(graph: Graph, op: Op) -> OverlapLimit:
    """A window is read again for each output channel, from the first input channel of its group."""
    x, w, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    depth, channels = w.shape[3], w.shape[0]
    group = channels // (x.shape[3] // depth)
    ends = range(group, channels + 1, group)
    steps = [(end // group * depth - depth, end - left) for end in ends for left in (1, 0)]
    return OverlapLimit((by_window(x, y, kernel_of(w), options_of(op), steps),))


def clamp_of(graph: Graph, op: Op) -> tuple[int, int]:
    return checks.activation_range(Activation(options_of(op).activation), graph.output(op))


def is_grouped(graph: Graph, op: Op) -> bool:
    return graph.input(op, 0).shape[3] != graph.input(op, 1).shape[3]


def holds_mve(graph: Graph, op: Op) -> bool:
    """Whether the convolution is not grouped, and scales and bias are as ``mve_matrix`` wants."""
    return not is_grouped(graph, op) and products.holds(graph, op)


def forms_mve(graph: Graph, op: Op) -> tuple[Form, ...]:
    return strips.forms(graph, op, options_of(op), clamp_of(graph, op))


def pixels_of(graph: Graph, op: Op) -> Pixels:
    pixels = strips.contiguous(graph, op, options_of(op))
    assert pixels is not None
    return pixels


def holds_matrix(graph: Graph, op: Op) -> bool:
    """Whether windows are contiguous in the input, as those of a 1x1 convolution."""
    pixels = strips.contiguous(graph, op, options_of(op))
    if pixels is None or is_grouped(graph, op):
        return False
    return products.holds_pixels(graph, op, pixels)


def forms_matrix(graph: Graph, op: Op) -> tuple[Form, ...]:
    return products.forms(graph, op, pixels_of(graph, op), clamp_of(graph, op))


def holds_rows(graph: Graph, op: Op) -> bool:
    contiguous = strips.contiguous(graph, op, options_of(op)) is not None
    return contiguous and holds_mve(graph, op)


def forms_rows(graph: Graph, op: Op) -> tuple[Form, ...]:
    return products.forms_one_by_one(graph, op, pixels_of(graph, op), clamp_of(graph, op))


def holds_cmsis(graph: Graph, op: Op, core: Core) -> bool:
    return convolve.holds(graph, op, options_of(op), core)


def form_cmsis(graph: Graph, op: Op, core: Core) -> Form:
    return convolve.form(graph, op, options_of(op), clamp_of(graph, op), core)


def channels(graph: Graph, op: Op) -> ChannelRule | None:
    x, w, options = graph.input(op, 0), graph.input(op, 1), options_of(op)
    if x.shape[3] != w.shape[3]:
        return None  # groups tie channels together in ways that no mask expresses
    return mixing_rule(options.activation, lambda graph, op: outside_taps(x, kernel_of(w), options))


def obstacle(graph: Graph, op: Op) -> str | None:
    if is_grouped(graph, op):
        return "channels in groups"
    return weights.large_scale(graph, op, graph.input(op, 1).shape[0])


OPERATOR = Operator(
    code=3,
    name="CONV_2D",
    options=read_options,
    types=weights.TYPES,
    check=check,
    macs=macs,
    channels=channels,
    clamps=True,
    obstacle=obstacle,
    kernel=lambda graph, op: kernel_of(graph.input(op, 1)),
    variants=(
        Kernel("matrix_s8_mve", "fwgen", forms_matrix, MVE, holds_matrix, types=weights.TYPES),
        Kernel("matrix_row_s8_mve", "fwgen", forms_rows, MVE, holds_rows, types=weights.TYPES),
        Kernel("conv_2d_s8_mve", "fwgen", forms_mve, MVE, holds_mve, types=weights.TYPES),
        Kernel(
            "conv_2d_s8",
            "reference",
            one_form(calls_reference, cost_reference, overlap_reference),
            types=weights.TYPES,
        ),
        *cores.rows(convolve.KERNEL, form_cmsis, holds_cmsis, *weights.TYPES),
    ),
)
