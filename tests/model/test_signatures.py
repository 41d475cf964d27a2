"""Entry points of files that have several: by their names, as TFLM runs them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fwgen.errors import ModelError, UsageError
from fwgen.model.reader import read_model
from fwgen.model.signatures import entry_points, signatures, with_entry
from tests.conftest import Fwgen
from tests.tflite_models import random_inputs, random_op_model
from tests.tflite_models.entry_points import calling_once, packed, unpacked, with_entries
from tests.tflite_models.tflm import tflm

NAMES = ("serve", "encode", "decode")
OPS = ("CONV_2D", "FULLY_CONNECTED", "MAX_POOL_2D")
MODELS = {
    name: random_op_model(op, np.random.default_rng(40))
    for name, op in zip(NAMES, OPS, strict=True)
}
FILE = with_entries([*MODELS.items()])


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_point_is_the_model_that_it_names(name: str) -> None:
    alone = with_entry(FILE, name, "f")
    expected, got = read_model(MODELS[name], "m"), read_model(alone, "m")
    assert [op.code for op in got.ops] == [op.code for op in expected.ops]
    assert [t.shape for t in got.tensors] == [t.shape for t in expected.tensors]
    assert [got.name_of(i) for i in got.inputs] == [
        f"{name}_in_{at}" for at in range(len(got.inputs))
    ]
    inputs = random_inputs(MODELS[name], np.random.default_rng(1))
    assert tflm(alone, inputs).tobytes() == tflm(MODELS[name], inputs).tobytes()
    model = unpacked(alone)
    assert len(model.subgraphs) == 1
    assert [s.signatureKey for s in model.signatureDefs] == [name.encode()]
    assert model.signatureDefs[0].subgraphIndex == 0


def test_names_of_entry_points_begin_with_the_main_one() -> None:
    assert entry_points(FILE, "f") == NAMES
    assert [each.subgraph for each in signatures(FILE, "f")] == [0, 1, 2]
    assert entry_points(MODELS["serve"], "f") == ()
    assert entry_points(with_entries([("only", MODELS["serve"])]), "f") == ()
    model = unpacked(FILE)
    model.signatureDefs = model.signatureDefs[::-1][:2]
    assert entry_points(packed(model), "f") == ("", "encode", "decode")


def test_subgraphs_that_an_entry_point_calls_stay() -> None:
    """With their indices, though the main subgraph and the entry point changed places."""
    file = with_entries(
        [("main", MODELS["serve"]), ("other", calling_once(MODELS["encode"], 2))],
        nameless=[MODELS["decode"]],
    )
    model = unpacked(with_entry(file, "other", "f"))
    assert [len(graph.operators) for graph in model.subgraphs] == [
        len(unpacked(data).subgraphs[0].operators) + more
        for data, more in ((MODELS["encode"], 1), (MODELS["serve"], 0), (MODELS["decode"], 0))
    ]
    call = model.subgraphs[0].operators[0]
    assert call.builtinOptions.initSubgraphIndex == 2
    assert [s.subgraphIndex for s in model.signatureDefs] == [0]


def test_calls_of_subgraphs_that_change_places_follow_them() -> None:
    main = calling_once(MODELS["serve"], 1)
    file = with_entries([("main", main), ("other", calling_once(MODELS["encode"], 1))])
    model = unpacked(with_entry(file, "other", "f"))
    calls = [graph.operators[0].builtinOptions.initSubgraphIndex for graph in model.subgraphs]
    assert calls == [0, 0]
    file = with_entries([("main", main), ("other", calling_once(MODELS["encode"], 0))])
    with pytest.raises(ModelError, match="change places"):
        with_entry(file, "other", "f")  # the 0 is nowhere in the file


def test_a_name_that_there_is_not_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UsageError) as error:
        with_entry(FILE, "encoder", "f")
    assert "'encode'" in str(error.value) and "'serve'" in str(error.value)
    with pytest.raises(UsageError, match="none"):
        with_entry(MODELS["serve"], "serve", "f")
    model = unpacked(FILE)
    model.signatureDefs[1].subgraphIndex = 3
    with pytest.raises(ModelError, match="there are 3"):
        with_entry(packed(model), "encode", "f")


def test_spoilt_files_end_in_a_sentence_or_a_file() -> None:
    """Whatever of the file is spoilt, its choice of an entry point ends soon."""
    rng = np.random.default_rng(8)
    ends = {"made": 0, "told": 0}
    start = len(FILE) // 2
    for _ in range(400):
        spoilt = bytearray(FILE)
        for _ in range(int(rng.integers(1, 4))):
            half = int(rng.integers(2)) * start
            spoilt[half + int(rng.integers(len(FILE) - start))] = int(rng.integers(256))
        try:
            data = with_entry(bytes(spoilt), "decode", "f")
            read_model(data, "m")
            ends["made"] += 1
        except (ModelError, UsageError) as error:
            assert str(error)
            ends["told"] += 1
    assert min(ends.values()) > 20, ends


def test_builds_of_entry_points_are_exact(fwgen: Fwgen, tmp_path: Path) -> None:
    """One by one, and all in one image."""
    (tmp_path / "m.tflite").write_bytes(FILE)
    done = fwgen("inspect", "m.tflite", "--json", "i")
    assert done.returncode == 0 and "--signature chooses another" in done.stdout, done.stderr
    inspected = json.loads((tmp_path / "i").read_text())
    assert inspected["signatures"] == [*NAMES] and len(inspected["warnings"]) == 1
    done = fwgen("inspect", "m.tflite", "--signature", "decode", "--json", "i")
    chosen = json.loads((tmp_path / "i").read_text())
    assert chosen["inputs"][0]["name"] == "decode_in_0" and not chosen["warnings"]
    done = fwgen("build", "m.tflite", "-b", "host", "-o", "main", "--no-compile", "--json", "b")
    assert done.returncode == 0 and "'serve'" in done.stderr
    done = fwgen("build", "m.tflite", "-b", "host", "--no-compile", "--signature", "encode")
    assert done.returncode == 0 and (tmp_path / "build" / "m-host-encode").is_dir()
    words = [word for name in NAMES for word in ("--signature", name)]
    done = fwgen("build", *["m.tflite"] * 3, *words, "-b", "host", "-o", "all")
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", "all", "--inputs", "3", "--json", "v")
    assert done.returncode == 0, done.stdout + done.stderr
    verified = json.loads((tmp_path / "v").read_text())
    assert [model["name"] for model in verified["models"]] == [*NAMES]
    for options, said in (
        (["--signature", "nothing"], "no signature"),
        (["--signature", "serve", "--signature", "encode"], "2 signatures for one model"),
        (["m.tflite", "--signature", "serve"], "one for each"),
    ):
        done = fwgen("build", "m.tflite", *options, "-b", "host", "-o", "p")
        assert done.returncode == 2 and said in done.stderr, done.stderr
        assert not (tmp_path / "p").exists()
