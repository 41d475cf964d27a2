"""Lines of outputs that depthwise kernels of the DSP extension go through: ``dsp_depthwise.h``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fwgen.kernels.depthwise.halfword_records import Int64Array, Words, lines_of, words_in, words_of
from fwgen.kernels.depthwise.planes import PlanesWindow

LINES = 15
"""Lines of inputs that the planes have, ``FW_PLANE_LINES``: post-indexed loads reach a word on."""

LANES = 4
"""Channels at a time."""

WORD = 4 * LANES * LINES
"""Bytes in the planes from an input's word to that of the next two inputs."""

SQUARES = {1: "depthwise_3x3", 2: "depthwise_3x3_stride2"}
"""Kernels for windows up to 3 x 3 by the stride along lines, less their endings."""

ANY, DENSE = "depthwise_any", "depthwise_dense"
"""Those for any windows, and for such as are side by side."""


@dataclass(frozen=True)
class LinesPlan:
    """Strips of (h, w) outputs, computed along columns if ``upright``, else along rows.

    In the planes ``INPUT`` bytes are from an input to the next, ``LINE`` from a line to the next. A
    value in the image has ``VALUE`` bytes. Kernels for windows up to 3 x 3 take ``WIDENING`` cycles
    for the weights of a channel.
    ``square`` is for the kernels for windows up to 3 x 3, others are for any. ``multiplier`` is how
    many outputs an input channel has, of which ``window.channels`` counts all.
    """

    INPUT: ClassVar[int] = WORD // 2
    LINE: ClassVar[int] = 4
    VALUE: ClassVar[int] = 1
    WIDENING: ClassVar[float] = 28.0

    window: PlanesWindow
    multiplier: int
    upright: bool
    square: bool
    strip: tuple[int, int]

    @property
    def along(self) -> int:
        """The axis of lines."""
        return 0 if self.upright else 1

    @property
    def kernel(self) -> str:
        if self.square:
            return SQUARES[self.stride]
        return DENSE if self.dense else ANY

    @property
    def stride(self) -> int:
        """Along lines; where a line has one output, such that there are none at odd inputs."""
        alone = self.window.output[self.along] == 1 and not self.square
        return 2 if alone else self.window.stride[self.along]

    @property
    def dense(self) -> bool:
        """Whether windows are side by side, and their kernel is not for 3 x 3."""
        return self.stride == 1 and not self.square

    @property
    def count(self) -> int:
        """Outputs of a line."""
        return self.strip[self.along]

    @property
    def groups(self) -> int:
        """Fours of outputs, the last one perhaps not whole."""
        return -(-self.count // 4)

    @property
    def pairs(self) -> int:
        """Pairs of outputs after the fours."""
        return (self.count % 4 + 1) // 2

    @property
    def words(self) -> int:
        """Words of a line of a window, an even number of those that are side by side."""
        words = words_in(self.window.span[self.along], self.stride)
        return words + words % 2 if self.dense else words

    @property
    def turns(self) -> int:
        """Of a kernel's loop over the words of a line."""
        return self.words // 2 if self.dense else self.words

    @property
    def line_span(self) -> int:
        """Bytes from the first word of a line of a window to its end."""
        return self.words * WORD

    @property
    def second(self) -> int:
        """Bytes from the word of a four's first output to that of the second."""
        return self.stride // 2 * WORD

    @property
    def scratch_bytes(self) -> int:
        filled = (self.span(self.along) + 1) // 2
        if self.square:
            read = (2 * (self.count // 4) + self.pairs) * self.stride + 1
        else:
            last = (self.groups - 1) * 2 * self.stride + self.stride + self.stride // 2
            read = last + self.words
        return WORD * max(filled, read)

    def span(self, axis: int) -> int:
        """Inputs of the windows of a strip."""
        return (self.strip[axis] - 1) * self.window.stride[axis] + self.window.span[axis]

    def walk(self) -> tuple[tuple[str, int], ...]:
        """The members of ``fw_depthwise_walk`` up to ``places``."""
        pixel = self.VALUE * self.window.channels
        row = pixel * self.window.output[1]
        step, other = (row, pixel) if self.upright else (pixel, row)
        fours, across = self.count // 4, 1 - self.along
        if self.square:
            end, written = 4 * fours + 2 * self.pairs, self.count // 2 * 2
        else:
            end, written = 4 * self.groups, 4 * self.groups
        line, output = self.LINE * self.window.stride[across], self.stride * self.INPUT
        return (
            ("walk.step", step),
            ("walk.last_step", 0 if self.count % 2 else step),
            ("walk.fours_bytes", 4 * fours * output),
            ("walk.end_bytes", end * output),
            ("walk.lines", self.strip[across]),
            ("walk.input_back", end * output - line),
            ("walk.output_on", other - written * step),
            ("walk.line_bytes", line),
            ("walk.window_lines", self.window.kernel[across]),
            ("walk.third", 2 * output),
            ("walk.second", self.second),
            ("walk.turns", self.turns),
            ("walk.next", self.line_span - self.LINE * self.window.dilation[across]),
            ("walk.four_bytes", 4 * output),
        )

    def places(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The members of ``fw_depthwise_walk`` that are arrays."""
        step, last = dict(self.walk())["walk.step"], max(self.count % 4 - 1, 0)
        return (
            ("walk.places", tuple(step * i for i in (1, 2, 3))),
            ("walk.last_places", tuple(step * min(i, last) for i in (1, 2, 3))),
        )

    def weights(self, taps: Int64Array) -> Words:
        """Weights of records, (channels, any); ``taps`` are scaled, (channels, across, along)."""
        if self.square:
            return lines_of(taps)
        return words_of(taps, self.words, self.stride, self.window.dilation[self.along])

    def cycles(self, short: bool) -> float:
        """Estimate for all images, less the clamp, of the ``short`` kernel or of the other."""
        window, across = self.window, 1 - self.along
        strips = np.prod([-(-n // s) for n, s in zip(window.output, self.strip, strict=True)])
        lines, length = (min(self.span(a), window.input[a]) for a in (across, self.along))
        blocks = -(-window.channels // self.multiplier // LANES)
        channel = self.strip[across] * self.line_cycles(short) + 110.0 + self.WIDENING * self.square
        filling = blocks * self.filling(lines, length)
        return float(window.batches * strips * (filling + window.channels * channel) + 100.0)

    def filling(self, lines: int, length: int) -> float:
        """Estimate of filling the planes of four channels."""
        return lines * (2.25 * LANES * length + 45.0) + 220.0

    def line_cycles(self, short: bool) -> float:
        """Estimate for a line of outputs."""
        if self.square:
            four, pair = (57.0, 39.0) if short else (74.0, 48.0)
            four, pair = (four, pair) if self.stride == 1 else (four + 6.0, pair + 3.0)
            return self.count // 4 * four + self.pairs * pair + 22.0
        word = 9.5 if self.dense else 15.0
        tap_lines = self.window.kernel[1 - self.along] * (word * self.words + 14.0)
        return self.groups * (tap_lines + (56.0 if short else 64.0)) + 30.0


def plans_of(
    window: PlanesWindow, multiplier: int, made: type[LinesPlan] = LinesPlan
) -> Iterator[LinesPlan]:
    """Plans along either axis, of whole lines and of parts."""
    small = max(window.kernel) <= 3 and window.dilation == (1, 1)
    for upright in (False, True):
        along, across = (0, 1) if upright else (1, 0)
        square = small and window.stride[along] in SQUARES
        kinds = [square] if square and min(window.kernel) > 1 else [False, *[True] * square]
        for kind in kinds:
            span = 3 if kind else window.span[across]
            if span > LINES:
                continue
            most = min((LINES - span) // window.stride[across] + 1, window.output[across])
            for height in _parts(window.output[across], most):
                for length in _parts(window.output[along], window.output[along]):
                    strip = (length, height) if upright else (height, length)
                    yield made(window, multiplier, upright, kind, strip)


def _parts(size: int, most: int) -> list[int]:
    """Parts of up to ``most``, each about a half of the one before."""
    found = []
    while most > 1:
        part = -(-size // -(-size // most))  # as few, but of one size
        found.append(part)
        most = part // 2
    return found or [1]
