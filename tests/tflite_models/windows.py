"""Sliding windows, which convolutions and pools share, and all of pools but their arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .builder import ModelBuilder, Tensor
from .cases import Refused
from .draw import Draw
from .hand_made import T, one_op, unary


@dataclass(frozen=True)
class Window:
    """Kernel, stride, dilation and padding of a window, and the output size they give."""

    kernel_h: int
    kernel_w: int
    stride_h: int
    stride_w: int
    dilation_h: int
    dilation_w: int
    padding: str
    output_h: int
    output_w: int

    def options(self) -> dict[str, object]:
        """The options of a convolution."""
        return {
            "padding": self.padding,
            "stride_h": self.stride_h,
            "stride_w": self.stride_w,
            "dilation_h_factor": self.dilation_h,
            "dilation_w_factor": self.dilation_w,
        }


def output_size(padding: str, extent: int, kernel: int, stride: int, dilation: int) -> int:
    """Number of window positions along one axis, by TensorFlow's definition of SAME and VALID."""
    if padding == "SAME":
        return -(-extent // stride)
    return len(range(0, extent - (kernel - 1) * dilation, stride))


def draw_window(d: Draw, height: int, width: int, most: int, dilated: bool) -> Window:
    """A window that fits at least once: kernel up to ``most``, stride to 4, dilation to 3."""
    while True:
        kernel_h, kernel_w = d.extent(most), d.extent(most)
        stride_h, stride_w = d.extent(4), d.extent(4)
        dilation_h = d.integer(1, 3) if dilated and d.chance(0.3) else 1
        dilation_w = d.integer(1, 3) if dilated and d.chance(0.3) else 1
        padding = d.pick(("SAME", "VALID"))
        output_h = output_size(padding, height, kernel_h, stride_h, dilation_h)
        output_w = output_size(padding, width, kernel_w, stride_w, dilation_w)
        if output_h > 0 and output_w > 0:
            return Window(
                kernel_h,
                kernel_w,
                stride_h,
                stride_w,
                dilation_h,
                dilation_w,
                padding,
                output_h,
                output_w,
            )


def append_pool(code: str, m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    batches, height, width, channels = x.shape
    window = draw_window(d, height, width, d.pick((3, 9)), dilated=False)
    y = m.like(x, (batches, window.output_h, window.output_w, channels))
    m.op(
        code,
        [x],
        [y],
        padding=window.padding,
        stride_h=window.stride_h,
        stride_w=window.stride_w,
        filter_height=window.kernel_h,
        filter_width=window.kernel_w,
        fused_activation_function=d.activation(x.scale or 1.0),
    )
    return y


def refused_windows(made: Callable[..., bytes]) -> Iterator[Refused]:
    """What every windowed op refuses, of a sound op that ``made`` makes with changed options."""
    yield Refused("Padding code 2", made(padding=2))
    yield Refused("stride_h is 0", made(stride_h=0))
    yield Refused("stride_w is -1", made(stride_w=-1))
    yield Refused("fused activation 4", made(fused_activation_function=4))
    yield Refused("expected", made(padding="VALID"))


def refused_pools(code: str) -> Iterator[Refused]:
    """What both pools refuse."""
    sizes = {"stride_h": 1, "stride_w": 1, "filter_height": 2, "filter_width": 2}

    def made(
        x: tuple[float, int] = (0.1, 0), y: tuple[float, int] = (0.1, 0), **options: object
    ) -> bytes:
        return unary(code, x, y, (1, 4, 4, 2), **{**sizes, **options})

    yield from refused_windows(made)
    for y in ((0.1, 1), (0.1001, 0)):
        yield Refused("same scale and zero point", made(y=y), by_tflm=True)
    yield Refused("expected 1 to", made(filter_width=0))
    yield Refused("expected 1 to", made(filter_height=1 << 30))
    yield Refused("begins 524287 positions before the input", made(filter_width=1 << 20))
    wide = {"stride_h": 1, "stride_w": 1, "filter_height": 4096, "filter_width": 2049}
    image = T((1, 4096, 2049, 1))
    model = one_op(code, (image,), T((1, 1, 1, 1)), padding="VALID", **wide)
    yield Refused("The window has 8392704 elements", model)
    tall = T((1, 1 << 16, 1, 1), "int16"), T((1, 1, 1, 1), "int16")
    sizes = {"stride_h": 1, "stride_w": 1, "filter_height": 1 << 16, "filter_width": 1}
    model = one_op(code, tall[:1], tall[1], padding="VALID", **sizes)
    yield Refused("The window has 65536 elements", model)
    small = {"x": (1e-9, 0), "y": (1e-9, 0), "fused_activation_function": "RELU6"}
    yield Refused("too small to express 6", made(**small))
