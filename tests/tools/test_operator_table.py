"""The page of operators: all that TFLM registers, each with its types or the reason why not."""

from __future__ import annotations

import faulthandler
import importlib.util
import os
import tempfile

import tflite

from fwgen.model.schema import CUSTOM_OPERATORS
from fwgen.ops import operators
from fwgen.ops.parts.tflm_operators import READ, REASONS, REGISTERED
from tests.conftest import ROOT
from tests.tflite_models import ModelBuilder
from tests.tflite_models.liveliness import answers

_SPEC = importlib.util.spec_from_file_location("operator_table", ROOT / "tools/operator_table.py")
assert _SPEC is not None and _SPEC.loader is not None
operator_table = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(operator_table)

NO_OPERATOR = ("CUSTOM", "DELEGATE", "PLACEHOLDER_FOR_GREATER_OP_CODES")


def said_by_tflm(model: bytes) -> str:
    """What TFLM prints of a model in a child process, which it may not survive."""
    with tempfile.TemporaryFile() as printed:
        child = os.fork()
        if child == 0:
            faulthandler.disable()  # an abort is an answer here
            os.dup2(printed.fileno(), 1)
            os.dup2(printed.fileno(), 2)
            try:
                answers(model, [])
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        printed.seek(0)
        return printed.read().decode(errors="replace")


def test_the_page_is_that_of_the_registry() -> None:
    assert (ROOT / "docs" / "operators.md").read_text() == operator_table.page()


def test_tflm_registers_what_the_page_has() -> None:
    """Of each builtin operator TFLM is asked whether it knows it."""
    found = set()
    for name, number in vars(tflite.BuiltinOperator).items():
        if not isinstance(number, int) or name in NO_OPERATOR:
            continue
        m = ModelBuilder()
        x, y = m.tensor((1,), "float32"), m.tensor((1,), "float32")
        m.op(name, [x], [y])
        if "Didn't find op" not in said_by_tflm(m.build()):
            found.add(name)
    custom = {*CUSTOM_OPERATORS.values()}
    builtin = {name for name in REGISTERED if not name.startswith("CUSTOM") and name not in custom}
    assert found == builtin


def test_what_fwgen_lacks_has_a_reason() -> None:
    lacking = [name for name in REGISTERED if name not in operators() and name not in READ]
    assert not [name for name in lacking if name not in REASONS]
