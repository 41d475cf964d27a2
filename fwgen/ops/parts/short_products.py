"""Products of rows with a matrix that become int16: gates of an LSTM, features of an SVDF."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.contract.call import Call, Each, Null, Params, Ref, Scratch
from fwgen.model.graph import Tensor


@dataclass(frozen=True, eq=False)
class ShortProducts:
    """Rows times a matrix, to int16: ``rows`` of them, ``pitch`` elements apart, from ``at`` on.

    ``bias`` is None for zeros. Where ``add`` is set, the results are added to what is there.
    """

    x: Tensor
    at: int | Each
    rows: int
    pitch: int
    w: Tensor
    bias: Tensor | None
    factor: tuple[int, int]
    add: bool = False

    @property
    def bias_argument(self) -> Ref | Null:
        """The kernel argument for the bias."""
        return Null() if self.bias is None else Ref(self.bias.index)

    @property
    def fields(self) -> tuple[tuple[str, int], ...]:
        """The members of ``fw_short_products_params``."""
        units, depth = self.w.shape
        return (
            ("rows", self.rows),
            ("row_pitch", self.pitch),
            ("depth", depth),
            ("units", units),
            ("input_zero_point", self.x.zero_point),
            ("multiplier", self.factor[0]),
            ("shift", self.factor[1]),
            ("add", int(self.add)),
        )


def suffix_of(tensor: Tensor) -> str:
    """The ending of the names of kernels by the type of a tensor."""
    return tensor.dtype.name.lower()


def reference_call(products: ShortProducts, to: Scratch) -> Call:
    """The call of the reference kernel."""
    x = products.x
    return Call(
        f"fw_short_products_{suffix_of(x)}",
        (
            Params("fw_short_products_params", products.fields),
            Ref(x.index, products.at),
            Ref(products.w.index),
            products.bias_argument,
            to,
        ),
    )
