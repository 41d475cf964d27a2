"""Inputs that are indices: what fwgen draws for them is in range, so that TFLM computes."""

from __future__ import annotations

import numpy as np
import pytest

from fwgen.model.inputs import seeded_inputs
from fwgen.model.reader import read_model
from fwgen.ops import index_ranges, operators
from tests.ops.drawn import CODES, assert_exact, outcomes
from tests.tflite_models import random_op_model

INDEXED = [code for code in CODES if operators()[code].indices is not None]


@pytest.mark.parametrize("code", INDEXED)
def test_drawn_indices_are_in_range(code: str) -> None:
    runs, seen = [], set()
    for seed in range(60):
        model = random_op_model(code, np.random.default_rng(seed))
        graph = read_model(model, "m")
        ranges = index_ranges(graph)
        for inputs in seeded_inputs(graph, 2, seed, ranges) if ranges else ():
            runs.append((model, inputs))
            for index, values in zip(graph.inputs, inputs, strict=True):
                if index in ranges:
                    least = np.array([each.start for each in ranges[index]])
                    most = np.array([each.stop - 1 for each in ranges[index]])
                    assert (values >= least).all() and (values <= most).all()
                    seen.update((values == most).reshape(-1).tolist())
    assert len(runs) > 10 and seen == {False, True}, "the greatest is drawn, too"
    assert_exact(outcomes(runs))
