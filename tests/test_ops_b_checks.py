"""What the operators of ``test_ops_b`` refuse, and the loop nests that they are lowered to."""

from __future__ import annotations

import faulthandler
import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tflite_models import ModelBuilder, Tensor
from tflm import tflm

from fwgen.errors import ModelError
from fwgen.model.reader import read_model
from fwgen.ops import resolve
from fwgen.ops.parts.loop_nest import collapse, row_major


@dataclass(frozen=True)
class T:
    """A tensor of a model to be refused: int8 with one scale unless said otherwise."""

    shape: tuple[int, ...]
    dtype: str = "int8"
    scale: float | Sequence[float] | None = 0.5
    zero_point: int = 0
    data: object = None

    def add(self, m: ModelBuilder) -> Tensor:
        scale = self.scale if self.dtype in ("int8", "uint8", "int16") else None
        return m.tensor(
            self.shape, self.dtype, scale=scale, zero_point=self.zero_point, data=self.data
        )


def ints(*values: int, dtype: str = "int32") -> T:
    return T((len(values),), dtype, data=values)


@dataclass(frozen=True)
class Refused:
    """One op, words of the sentence it is refused with, and whether TFLM refuses it, too."""

    code: str
    inputs: Sequence[T]
    output: T
    words: str
    by_tflm: bool = False
    options: dict[str, object] = field(default_factory=dict)

    def model(self) -> bytes:
        m = ModelBuilder()
        made = {id(t): t.add(m) for t in (*self.inputs, self.output)}
        m.op(
            self.code,
            [made[id(t)] for t in self.inputs],
            [made[id(self.output)]],
            **self.options,
        )
        return m.build()


X = T((2, 3))
RANK_5, RANK_6, RANK_7 = ((1,) * rank for rank in (5, 6, 7))
NONE = {"begin": ints(0, 0), "end": ints(2, 3), "strides": ints(1, 1)}
PAIRS = ("ADD", "SUB", "MUL", "MINIMUM", "MAXIMUM")


def sliced(
    output: T,
    words: str,
    x: T = X,
    by_tflm: bool = False,
    begin: T = NONE["begin"],
    end: T = NONE["end"],
    strides: T = NONE["strides"],
    **masks: object,
) -> Refused:
    return Refused("STRIDED_SLICE", (x, begin, end, strides), output, words, by_tflm, masks)


REFUSED = (
    *(Refused(code, (X, X, X), T((2, 3)), "takes at most 2 inputs, but has 3") for code in PAIRS),
    *(Refused(code, (X, T((2,))), T((2, 3)), "do not broadcast") for code in PAIRS),
    *(Refused(code, (X, T((3,))), T((3, 2)), "expected [2, 3]") for code in PAIRS),
    *(Refused(code, (X, T((3,), "int16")), T((2, 3)), "supports int8") for code in PAIRS),
    *(Refused(code, (T(RANK_7), X), T((*RANK_5, 2, 3)), "at most 6") for code in PAIRS),
    *(Refused(code, (X, T((3,), scale=None)), T((2, 3)), "has 0") for code in PAIRS[:3]),
    *(
        Refused(code, (X, T((3,), scale=(1, 2, 3), data=(1, 2, 3))), T((2, 3)), "has 3")
        for code in PAIRS[:3]
    ),
    *(
        Refused(
            code,
            (X, X),
            T((2, 3)),
            "fused activation 4",
            options={"fused_activation_function": "TANH"},
        )
        for code in PAIRS[:3]
    ),
    *(
        Refused(code, (X, X), T((2, 3), scale=2.0**-20), "multiplies by 1.04858e+06", True)
        for code in PAIRS[:2]
    ),
    Refused("MUL", (X, X), T((2, 3), scale=2.0**-33), "multiplies by 2.14748e+09"),
    Refused("MEAN", (X, ints(2)), T((2,)), "axes [2] of 2 dimensions"),
    Refused("MEAN", (X, ints(-3)), T((3,)), "axes [-3] of 2 dimensions"),
    Refused("MEAN", (X, T((1,), "int32")), T((2,)), "must be constant"),
    Refused("MEAN", (X, ints(1, dtype="int64")), T((2,)), "int64", True),
    Refused("MEAN", (X, ints(1)), T((2, 1)), "expected [2]"),
    Refused("MEAN", (X, ints(1)), T((2,)), "expected [2, 1]", options={"keep_dims": True}),
    Refused("MEAN", (X, ints(1)), T((2,), scale=2.0**-32), "multiplies by"),
    Refused("MEAN", (T((2, 3), "int16"), ints(1)), T((2,), "int16"), "supports int8"),
    Refused("MEAN", (T(RANK_7), ints(0)), T(RANK_6), "at most 6"),
    Refused("MEAN", (T((1 << 23, 2)), ints(0)), T((2,)), "MEAN of 8388608 elements"),
    Refused("CONCATENATION", (X, X), T((4, 3), scale=0.25), "same scale", True),
    Refused("CONCATENATION", (X, X), T((4, 3), zero_point=1), "same scale and zero point", True),
    Refused("CONCATENATION", (X,) * 11, T((22, 3)), "takes at most 10 inputs", True),
    Refused("CONCATENATION", (X, T((2, 3), "int16")), T((4, 3)), "supports int8", True),
    Refused("CONCATENATION", (X, T((2, 4))), T((4, 3)), "has shape [2, 4], expected [2, 3]"),
    Refused("CONCATENATION", (X, T((2, 3, 1))), T((4, 3)), "has 3 dimensions, expected 2"),
    Refused("CONCATENATION", (X, X), T((5, 3)), "has shape [5, 3], expected [4, 3]"),
    Refused("CONCATENATION", (X, X), T((4, 3)), "Axis 2", options={"axis": 2}),
    Refused("CONCATENATION", (X, X), T((4, 3)), "Axis -3", options={"axis": -3}),
    Refused("CONCATENATION", (T(RANK_7),), T(RANK_7), "at most 6", True),
    Refused("CONCATENATION", (T((2,), "uint8"),), T((2,), "uint8"), "uint8", True),
    Refused(
        "CONCATENATION", (T((2,), "int16", zero_point=1),), T((2,), "int16"), "zero point", True
    ),
    Refused(
        "CONCATENATION",
        (X, X),
        T((4, 3)),
        "fused activation 1",
        True,
        {"fused_activation_function": "RELU"},
    ),
    Refused("TRANSPOSE", (X, ints(1, 1)), T((3, 3)), "[1, 1], expected each of 0 to 1 once"),
    Refused("TRANSPOSE", (X, ints(1, 0, 2)), T((3, 2)), "[1, 0, 2], expected", True),
    Refused("TRANSPOSE", (X, ints(1, 0)), T((2, 3)), "expected [3, 2]"),
    Refused("TRANSPOSE", (X, T((2,), "int32")), T((3, 2)), "must be constant", True),
    Refused("TRANSPOSE", (T((2, 3), "int32"), ints(1, 0)), T((3, 2), "int32"), "int32", True),
    Refused("TRANSPOSE", (T(RANK_6), ints(*range(6))), T(RANK_6), "1 to 5", True),
    Refused("PAD", (T((2,)), T((1, 2), "int32", data=(-1, 2))), T((3,)), "negative"),
    Refused("PAD", (T((2,)), T((1, 2), "int32", data=(1, 1))), T((5,)), "expected [4]", True),
    Refused("PAD", (X, T((1, 2), "int32", data=(1, 1))), T((2, 5)), "expected [2, 2]", True),
    Refused("PAD", (T((2,)), T((1, 2), "int32")), T((4,)), "must be constant", True),
    Refused("PAD", (T((2,)), T((1, 2), "int64", data=(1, 1))), T((4,)), "int64"),
    Refused("PAD", (T(RANK_6), T((6, 2), "int32", data=(0,) * 12)), T(RANK_6), "at most 5", True),
    Refused(
        "PAD",
        (T((2,), "uint8"), T((1, 2), "int32", data=(1, 1))),
        T((4,), "uint8"),
        "uint8",
        True,
    ),
    Refused("PAD", (T((2,)), T((1, 2), "int32", data=(1, 1))), T((4,), scale=None), "has 0"),
    sliced(T((2, 2)), "expected [2, 3]", by_tflm=True),
    sliced(T((2, 3)), "A stride is 0", strides=ints(1, 0), by_tflm=True),
    sliced(T((2, 3)), "must be constant", begin=T((2,), "int32"), by_tflm=True),
    sliced(T((2, 3)), "shape [1], expected [2]", end=ints(2)),
    sliced(T((2, 3)), "int64", end=ints(2, 3, dtype="int64")),
    sliced(T((2, 3)), "ellipsis_mask", ellipsis_mask=1),
    sliced(T((2, 3)), "new_axis_mask", new_axis_mask=2),
    sliced(T((2, 3)), "offset", offset=True),
    sliced(T((2,)), "takes no element", begin=ints(0, 3), shrink_axis_mask=2),
    sliced(T((2,)), "backwards", strides=ints(1, -1), shrink_axis_mask=2),
    sliced(
        T(RANK_5),
        "at most 4",
        T(RANK_5),
        True,
        ints(*(0,) * 5),
        ints(*(1,) * 5),
        ints(*(1,) * 5),
    ),
    Refused("RESHAPE", (X,), T((5,)), "(6 elements) to [5] (5 elements)", True),
    Refused("RESHAPE", (X,), T((6,), "int16"), "int16", True),
    Refused("RESHAPE", (X, T((1,), "int32")), T((6,)), "must be constant"),
    Refused("SQUEEZE", (X,), T((3,)), "dimension 0", True, {"squeeze_dims": [0]}),
    Refused("SQUEEZE", (X,), T((2, 3)), "dimension 2", True, {"squeeze_dims": [2]}),
    Refused("SQUEEZE", (T((1, 3)),), T((1, 3)), "expected [3]"),
    Refused("EXPAND_DIMS", (X, ints(3)), T((2, 3, 1)), "[3], expected", True),
    Refused("EXPAND_DIMS", (X, ints(-4)), T((1, 2, 3)), "[-4], expected"),
    Refused("EXPAND_DIMS", (X, ints(0, 0)), T((1, 2, 3)), "[0, 0], expected one number"),
    Refused("EXPAND_DIMS", (X, ints(0)), T((2, 1, 3)), "expected [1, 2, 3]", True),
    Refused("EXPAND_DIMS", (X, T((1,), "int32")), T((1, 2, 3)), "must be constant", True),
    Refused("EXPAND_DIMS", (T((2, 3), "int32"), ints(0)), T((1, 2, 3), "int32"), "int32", True),
)


def name(case: Refused) -> str:
    return f"{case.code} {case.words}"


@pytest.mark.parametrize("case", REFUSED, ids=name)
def test_refused_with_a_sentence(case: Refused) -> None:
    graph = read_model(case.model(), "m")
    with pytest.raises(ModelError) as caught:
        resolve(graph)
    assert case.words in caught.value.what
    assert caught.value.what.endswith((".", ")."))
    assert caught.value.at == f"m: op 0 {case.code}"


def tflm_runs(model: bytes, inputs: Sequence[np.ndarray]) -> bool:
    """Whether TFLM does not refuse; in a child process, because it may abort."""
    child = os.fork()
    if child == 0:
        faulthandler.disable()  # an abort is an answer here
        try:
            tflm(model, inputs)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("case", [case for case in REFUSED if case.by_tflm], ids=name)
def test_tflm_refuses_it_too(case: Refused) -> None:
    zeros = [np.zeros(t.shape, t.dtype) for t in dict.fromkeys(case.inputs) if t.data is None]
    assert not tflm_runs(case.model(), zeros)


def test_what_is_not_refused_runs_in_tflm() -> None:
    assert tflm_runs(Refused("ADD", (X, X), T((2, 3)), "").model(), [np.zeros((2, 3), np.int8)])


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(-2, 4), st.integers(0, 4)), min_size=0, max_size=5
    )
)
def test_collapsed_loops_visit_the_same_places(levels: list[tuple[int, int, int]]) -> None:
    sizes = tuple(size for size, _, _ in levels)
    strides = tuple(a for _, a, _ in levels), tuple(b for _, _, b in levels)
    loops = collapse(sizes, *strides)
    assert len(loops.sizes) == 6
    assert visited(loops.sizes, *loops.strides) == visited(sizes, *strides)


def visited(sizes: Sequence[int], a: Sequence[int], b: Sequence[int]) -> list[tuple[int, int]]:
    """Where both operands are at each index, in order."""
    return [
        (int(np.dot(index, a)), int(np.dot(index, b)))
        for index in itertools.product(*(range(size) for size in sizes))
    ]


def test_loops_collapse_as_far_as_strides_go_on() -> None:
    assert collapse((3, 1, 5), (5, 99, 1), (10, 0, 2)).sizes == (1, 1, 1, 1, 1, 15)
    assert collapse((3, 5), (5, 1), (5, 2)).sizes == (1, 1, 1, 1, 3, 5)
    assert collapse((3, 5), (-5, -1), (0, 0), levels=2).strides == ((0, -1), (0, 0))


def test_dense_tensors_collapse_to_one_row() -> None:
    strides = row_major((2, 3, 4, 5))
    assert strides == (60, 20, 5, 1)
    assert collapse((2, 3, 4, 5), strides, strides).sizes == (1, 1, 1, 1, 1, 120)
