"""The registry of operators, and what is said of a model with operators that are not in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import tflite

from fwgen.contract.operator import NO_FIELDS, fields_of
from fwgen.errors import ModelError
from fwgen.model.control import CONTROL
from fwgen.model.handles import ASSIGN, READ
from fwgen.model.reader import read_model
from fwgen.ops import operators, resolve
from tests.ops.drawn import CODES, op_graph
from tests.tflite_models import ModelBuilder, random_op_model
from tests.tflite_models.hand_made import convolution


def test_operators_have_the_schema_s_numbers_and_one_reference_variant() -> None:
    for name, operator in operators().items():
        # an operator that passes or the reader make has no number
        assert operator.name == name
        number = (
            None
            if name in {READ, ASSIGN, *CONTROL}
            else getattr(tflite.BuiltinOperator, name, None)
        )
        assert operator.code == number
        reference = any(variant.provider == "reference" for variant in operator.reference)
        assert reference or operator.code is None
    assert list(operators()) == sorted(operators())


def test_all_unsupported_operators_are_listed_with_counts() -> None:
    m = ModelBuilder()
    tensors = [m.tensor((4,), scale=1.0) for _ in range(6)]
    codes = ["UNIQUE", "RELU", "CONV_3D", "UNIQUE", "CONV_3D"]
    unknown = sorted(set(codes) - set(CODES))
    for code, x, y in zip(codes, tensors, tensors[1:], strict=False):
        m.op(code, [x], [y])
    with pytest.raises(ModelError) as refused:
        resolve(read_model(m.build(), "m"))
    counts = ", ".join(f"{code} ({codes.count(code)}x)" for code in unknown)
    assert refused.value.what.endswith(f"support: {counts}.")
    assert refused.value.at == "m"
    assert "docs/operators.md" in refused.value.tries[0]
    assert "CONV_2D" in refused.value.tries[1] and "for CONV_3D" in refused.value.tries[1]


@pytest.mark.parametrize("code", CODES)
def test_options_default_when_the_table_is_absent(code: str) -> None:
    """As they do for a table without fields."""
    m = ModelBuilder()
    x = m.tensor((2,), scale=1.0)
    m.op(code, [x], [m.tensor((2,), scale=1.0)])
    (op,) = read_model(m.build(), "m").ops
    options = operators()[code].options
    if code != "MIRROR_PAD":  # whose mode then is TFLM's own, which its cases have
        assert options(fields_of(op)) == options(NO_FIELDS)
    graph = op_graph(random_op_model(code, np.random.default_rng(1)))
    assert type(graph.ops[0].options) is type(options(NO_FIELDS))


def test_an_absent_table_is_checked_like_any_other() -> None:
    conv = read_model(convolution((1, 2, 2, 1), np.ones((1, 1, 1, 1)), (1, 2, 2, 1)), "m")
    bare = replace(conv, ops=tuple(replace(op, options=None) for op in conv.ops))
    with pytest.raises(ModelError, match="stride_h is 0"):
        resolve(bare)
