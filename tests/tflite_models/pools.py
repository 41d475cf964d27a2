"""AVERAGE_POOL_2D and MAX_POOL_2D, and the sliding windows they share with convolutions."""

from __future__ import annotations

from dataclasses import dataclass

from .builder import ModelBuilder, Tensor
from .draw import Draw


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


def _pool(m: ModelBuilder, d: Draw, x: Tensor, code: str) -> Tensor:
    batches, height, width, channels = x.shape
    window = draw_window(d, height, width, d.pick((3, 9)), dilated=False)
    y = m.tensor(
        (batches, window.output_h, window.output_w, channels),
        scale=x.scale,
        zero_point=x.zero_point,
    )
    m.op(
        code,
        [x],
        [y],
        padding=window.padding,
        stride_h=window.stride_h,
        stride_w=window.stride_w,
        filter_height=window.kernel_h,
        filter_width=window.kernel_w,
        fused_activation_function=d.activation(x.scale),
    )
    return y


def average_pool_2d(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    return _pool(m, d, x, "AVERAGE_POOL_2D")


def max_pool_2d(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    return _pool(m, d, x, "MAX_POOL_2D")
