"""Borders of SPACE_TO_BATCH_ND, which TFLM does not write: what ``verify`` gives it instead."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fwgen.host.oracle import Oracle
from fwgen.measure.verify.oracle_borders import leaves_borders, with_written_borders
from fwgen.model.reader import read_model
from tests.conftest import Fwgen
from tests.ops.cases import space_to_batch_nd
from tests.tflite_models.hand_made import T

BORDERED = list(space_to_batch_nd.left_open())


@pytest.mark.parametrize("case", BORDERED)
def test_tflm_computes_borders_of_zero_points(
    case: tuple[bytes, list[np.ndarray], np.ndarray],
) -> None:
    model, given, made = case
    graph = read_model(model, "model")
    assert leaves_borders(graph)
    rewritten = with_written_borders(model)
    assert not leaves_borders(read_model(rewritten, "rewritten"))
    with Oracle(rewritten) as oracle:
        assert oracle.unrepeatable(given, list(graph.outputs)) == []
        (output,) = oracle.invoke(given)
    np.testing.assert_array_equal(output, made)


def test_without_a_border_tflm_gets_the_file_as_it_is() -> None:
    x = T((1, 4, 4, 3), zero_point=7)
    graph = read_model(space_to_batch_nd.batches(x, (2, 2), [(0, 0)] * 2), "model")
    assert not leaves_borders(graph)


def test_a_border_that_reaches_the_output_is_verified(fwgen: Fwgen, tmp_path: Path) -> None:
    model, out = tmp_path / "bordered.tflite", tmp_path / "o"
    model.write_bytes(BORDERED[0][0])
    done = fwgen("build", model, "-b", "host", "-o", out)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out, "--inputs", 3, "--every-op")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "TFLM does not write the borders of SPACE_TO_BATCH_ND" in done.stdout
