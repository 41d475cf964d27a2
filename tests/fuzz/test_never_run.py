"""What no inference runs or reads: TFLM looks at it all the same, and some of it kills TFLM."""

from __future__ import annotations

import numpy as np
import pytest
import tflite

from fwgen.errors import ModelError
from fwgen.model.reader import read_model
from fwgen.model.schema import SubGraph
from tests.tflite_models.entry_points import packed, unpacked
from tests.tflite_models.loops import random_calls
from tests.tflite_models.small import INT8, main, small_model, tensor, write

CALLING = (tflite.BuiltinOperator.IF, tflite.BuiltinOperator.WHILE)
"""Operators that need no output."""


def test_what_is_never_run_or_read_is_there_all_the_same() -> None:
    """TFLM prepares the ops of all subgraphs, and looks at the buffers of all tensors."""
    for dtype, buffer, words in ((INT8, 99, "is not among the model's"), (-1, 0, "is unknown")):
        tree = small_model()
        main(tree)[SubGraph.TENSORS].append(tensor(b"x", (1, 4), dtype, None, buffer))
        with pytest.raises(ModelError, match=words):
            read_model(write(tree), "mutant")
    model = unpacked(random_calls(np.random.default_rng(1)))
    for graph in model.subgraphs[1:]:
        for each in graph.operators:
            for side in ("inputs", "outputs"):
                whole = getattr(each, side)
                if len(whole):
                    setattr(each, side, [len(graph.tensors), *whole[1:]])
                    with pytest.raises(ModelError, match="There is no tensor"):
                        read_model(packed(model), "mutant")
                    setattr(each, side, whole)
            if model.operatorCodes[each.opcodeIndex].builtinCode in CALLING:
                continue
            each.outputs, kept = [], each.outputs
            with pytest.raises(ModelError, match="has no output"):
                read_model(packed(model), "mutant")
            each.outputs = kept
