"""Models full of what passes join or drop, and of cases that look alike but must stay."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .builder import ModelBuilder, Tensor
from .cases import cases_of
from .draw import Draw
from .liveliness import hiding, lively

WINDOWS = (
    *("CONV_2D", "CONV_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "DEPTHWISE_CONV_2D"),
    *("AVERAGE_POOL_2D", "MAX_POOL_2D"),
)
OTHERS = ("ADD", "SUB", "MUL")
MOST_ELEMENTS = 600


class PassModel:
    """Grows images by short motifs; at random, tensors between ops get another reader."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.m, self.d = ModelBuilder(), Draw(rng, tame=True)
        self.inputs = [self.d.activations(self.m, (1, *self.d.shape(3, 6, 200)))]
        self.images = list(self.inputs)

    def like(self, x: Tensor) -> Tensor:
        return self.m.tensor(x.shape, scale=x.scale, zero_point=x.zero_point)

    def append(self, code: str, x: Tensor) -> Tensor:
        """An op of the generators that all tests share."""
        return cases_of(code).append(self.m, self.d, x)

    def pad(self, x: Tensor) -> Tensor:
        """Rows and columns mostly, the other dimensions sometimes, now and then other scales."""
        pairs = np.array([self.d.pick((0, 0, 1, 1, 1, 2, 5)) for _ in range(8)]).reshape(4, 2)
        if self.d.chance(0.8):
            pairs[[0, 3]] = 0
        shape = tuple(int(n) for n in x.shape + pairs.sum(axis=1))
        if np.prod(shape) > MOST_ELEMENTS:
            return x
        scale = x.scale * 2 if self.d.chance(0.1) else x.scale
        y = self.m.tensor(shape, scale=scale, zero_point=x.zero_point)
        self.m.op("PAD", [x, self.m.tensor((4, 2), "int32", data=pairs)], [y])
        return y

    def clamp(self, x: Tensor) -> Tensor:
        """RELU, RELU6, MINIMUM or MAXIMUM with a number, or a QUANTIZE that changes nothing."""
        y = self.like(x)
        code = self.d.pick(("RELU", "RELU6", "MINIMUM", "MAXIMUM", "QUANTIZE"))
        operands = [x]
        if code in ("MINIMUM", "MAXIMUM"):
            shape = self.d.pick(((), (1,), (1, 1, 1, 1), x.shape))
            low = self.d.integer(-128, 127)
            data = np.full(shape, low)
            if self.d.chance(0.15):  # not one number, unless there is only one element
                data = data + self.d.rng.integers(0, 2, shape) * (1 if low < 127 else -1)
            number = self.m.tensor(shape, scale=x.scale, zero_point=x.zero_point, data=data)
            operands.insert(self.d.integer(0, 1), number)
        self.m.op(code, operands, [y])
        return y

    def table(self, x: Tensor) -> Tensor:
        """A lookup, or an element-wise op with one number."""
        code = self.d.pick(("RELU", "QUANTIZE", "LOGISTIC", "TANH", "ADD", "SUB", "MUL"))
        if code not in ("ADD", "SUB", "MUL"):
            return self.append(code if x.scale < 4 else "QUANTIZE", x)
        y = self.m.tensor(x.shape, scale=x.scale * 2, zero_point=self.d.zero_point())
        number = self.m.tensor((1,), scale=x.scale, data=[self.d.integer(-128, 127)])
        operands = [x, number] if self.d.chance(0.5) else [number, x]
        activation = self.d.activation(y.scale)
        self.m.op(code, operands, [y], fused_activation_function=activation)
        return y

    def spare(self, x: Tensor) -> None:
        """Another reader, perhaps of no use to anyone."""
        y = self.clamp(x)
        if self.d.chance(0.3):
            self.images.append(y)

    def step(self) -> None:
        # the generators look for partners that keep things small, and would search for ever
        small = [x for x in self.images if np.prod(x.shape) <= MOST_ELEMENTS]
        x = self.d.pick(small[-3:])
        pads = self.d.pick((0, 1, 1, 2))
        for _ in range(pads):
            x = self.pad(x)
            self.disturb(x)
        writers = WINDOWS if pads else WINDOWS + OTHERS
        x = self.after(x, lambda x: self.append(self.d.pick(writers), x))
        for motif in (self.clamp, self.table):
            for _ in range(self.d.pick((0, 1, 1, 2, 3))):
                x = self.after(x, motif)
        if x not in self.images:
            self.images.append(x)

    def after(self, x: Tensor, motif: Callable[[Tensor], Tensor]) -> Tensor:
        """What a motif makes of ``x``, or ``x`` if nothing lively; others may read it too."""
        x = lively(self.m, self.d, lambda: motif(x)) or x
        self.disturb(x)
        return x

    def disturb(self, x: Tensor) -> None:
        if self.d.chance(0.1):
            self.spare(x)

    def build(self, steps: int) -> bytes:
        """The model: its outputs are some results, those that nobody reads or others."""
        for _ in range(steps):
            self.step()
        outputs = [self.images[-1]]
        outputs += [x for x in self.images[1:-1] if self.d.chance(0.3)]
        unread = self.m.unread()
        outputs += [x for x in unread if x not in outputs and self.d.chance(0.5)]
        for hidden in hiding(self.m, self.d, outputs):
            shown = next(x for x in self.images if x.index >= hidden.index)  # the step's end
            outputs += [shown] if shown not in outputs else []
        outputs += [x for x in hiding(self.m, self.d, outputs) if x not in outputs]
        return self.m.build(outputs=outputs)


def pass_model(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    return PassModel(rng).build(int(rng.integers(1, 4)))
