"""Boards a little too small for what was estimated: planned again by what the linker measured."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from fwgen.board import board_names, load_board
from fwgen.build import making
from fwgen.build.cmake import RegionsOverflow
from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder

M3 = (Path(__file__).parents[2] / "boards" / "mps2-an385.toml").read_text()
REGION = '[[region]]\nname = "{}"\nkind = "{}"\norigin = {:#x}\nbytes = {}\nwait_states = {}\n\n'
LISTS = {
    "code": ["CODE", "SLOW"],
    "weights": ["CODE", "SLOW"],
    "data": ["SRAM", "BULK"],
    "arena": ["SRAM", "BULK"],
    "stack": ["SRAM", "BULK"],
}
ROOMY = {"CODE": 0x10_0000, "SLOW": 0x10_0000, "SRAM": 0x10_0000, "BULK": 0x10_0000}


def board_file(folder: Path, *, divided: bool = True, **sizes: int) -> Path:
    """A Cortex-M3 with regions of these sizes: two for code and constants, two for the rest; or of
    each the first alone."""
    sizes = ROOMY | sizes
    regions = REGION.format("CODE", "rom", 0, sizes["CODE"], 0)
    regions += REGION.format("SRAM", "ram", 0x2000_0000, sizes["SRAM"], 0)
    if divided:
        regions += REGION.format("SLOW", "rom", 0x20_0000, sizes["SLOW"], 3)
        regions += REGION.format("BULK", "ram", 0x2020_0000, sizes["BULK"], 3)
    places = {what: names if divided else names[0] for what, names in LISTS.items()}
    lines = "".join(f"{what} = {json.dumps(names)}\n" for what, names in places.items())
    place = f'[place]\nvectors = "CODE"\n{lines}\n'
    text = re.sub(r"\[\[region\]\].*?(?=\[timer\])", regions + place, M3, flags=re.DOTALL)
    path = folder / "own.toml"
    path.write_text(text)
    return path


def chain(folder: Path, pairs: int) -> Path:
    """Depthwise and pointwise convolutions in turn, all with weights of their own: much of the code
    is calls and parameters, of which an estimate knows little."""
    rng = np.random.default_rng(0)
    m = ModelBuilder()
    x = m.tensor((1, 4, 4, 16), scale=0.05, zero_point=-128)
    options = {"padding": "SAME", "stride_h": 1, "stride_w": 1}
    options |= {"dilation_h_factor": 1, "dilation_w_factor": 1, "fused_activation_function": "RELU"}
    for code, shape, axis in [
        ("DEPTHWISE_CONV_2D", (1, 3, 3, 16), 3),
        ("CONV_2D", (16, 1, 1, 16), 0),
    ] * pairs:
        data = rng.integers(-127, 128, shape).astype(np.int8)
        w = m.tensor(shape, scale=[0.01] * 16, axis=axis, data=data)
        y = m.tensor((1, 4, 4, 16), scale=0.05, zero_point=-128)
        depth = {"depth_multiplier": 1} if axis == 3 else {}
        m.op(code, [x, w], [y], **options, **depth)
        x = y
    path = folder / "chain.tflite"
    path.write_bytes(m.build())
    return path


def overflows_of(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    """What the linker finds too small, in each round of the module's ``build`` in which it does."""
    found: list[dict[str, int]] = []
    link: Callable[..., Any] = module.build

    def watched(*args: object) -> Any:
        try:
            return link(*args)
        except RegionsOverflow as overflow:
            found.append(dict(overflow.bytes_over))
            raise

    monkeypatch.setattr(module, "build", watched)
    return found


@pytest.fixture
def overflows(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    return overflows_of(making, monkeypatch)


def memory_of(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text())["memory"])


def test_constants_and_code_leave_a_region_by_measured_sizes(
    fwgen: Fwgen, tmp_path: Path, overflows: list[dict[str, int]]
) -> None:
    """Constants beside code that is larger than estimated; code that is larger than its region."""
    model = chain(tmp_path, 24)
    for code_bytes, moved in ((26_000, []), (9_000, ["code"])):
        on = board_file(tmp_path, CODE=code_bytes)
        done = fwgen("build", model, "-b", on, "-o", "p", "--json", "b.json")
        assert done.returncode == 0, done.stderr
        assert overflows and all(over.keys() == {"CODE"} for over in overflows)
        memory = memory_of(tmp_path / "b.json")
        used = memory["by_region"]
        assert used["CODE"] <= code_bytes and used["SLOW"] > 0
        assert [move["what"] for move in memory["moved"]] == moved
        assert ("place code in SLOW" in done.stdout) == bool(moved)
        assert f"{used['CODE']:,} of {code_bytes:,} bytes" in done.stdout
        if not moved:
            assert used["CODE"] > 0.9 * code_bytes, "the room that there is was not used"
        overflows.clear()
        verified = fwgen("verify", "p", "--inputs", 2)
        assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.parametrize("options", [(), ("--canaries",)], ids=["plain", "canaries"])
def test_regions_that_shrink_hold_it_or_say_what_they_need(
    fwgen: Fwgen, tmp_path: Path, overflows: list[dict[str, int]], options: tuple[str, ...]
) -> None:
    """Around what is needed, a build works or says so; with what it says is needed, it works."""
    model = chain(tmp_path, 4)

    def build(**sizes: int) -> tuple[int, str]:
        on = board_file(tmp_path, divided=False, **sizes)
        args = ("-o", "p", "--json", "b.json", *options)
        done = fwgen("build", model, "-b", on, *args)
        assert done.returncode in (0, 4), done.stderr
        return done.returncode, done.stderr

    assert build()[0] == 0
    needed = memory_of(tmp_path / "b.json")["by_region"]
    for region in ("CODE", "SRAM"):
        full = needed[region]  # without the gaps between sections
        for less in (-64, 0, 16, 130, full // 6):
            code, said = build(**{region: full - less})
            if code == 0:
                continue
            assert less >= 0, said
            found = re.search(rf"need ([\d,]+) bytes of {region}, which has ([\d,]+)", said)
            assert found, said
            asked, has = (int(number.replace(",", "")) for number in found.groups())
            assert has == full - less < asked
            if "will need about" in said:  # too little for the model alone, whatever the code is
                continue
            assert build(**{region: asked})[0] == 0, f"{asked} bytes do not suffice: {said}"
            assert build(**{region: asked - 16})[0] == 4
    assert overflows, "nothing was too small for the estimate alone"


def test_any_memories_hold_it_or_are_refused(
    fwgen: Fwgen, tmp_path: Path, overflows: list[dict[str, int]]
) -> None:
    """Whatever the linker finds, a build ends with an image within all regions, or with exit 4."""
    model, rng, codes = chain(tmp_path, 4), random.Random(1), set()
    shares = {"CODE": 12_400, "SLOW": 9_000, "SRAM": 5_100, "BULK": 2_000}
    for _ in range(14):
        sizes = {name: round(size * rng.uniform(0.75, 1.1)) for name, size in shares.items()}
        sizes["SRAM"] = max(sizes["SRAM"], 4_200)
        on = board_file(tmp_path, **sizes)
        options = rng.choice([(), ("--canaries",), ("--optimize", "ram"), ("--optimize", "size")])
        done = fwgen("build", model, "-b", on, "-o", "p", "--json", "b.json", *options)
        codes.add(done.returncode)
        if done.returncode == 0:
            used = memory_of(tmp_path / "b.json")["by_region"]
            assert all(used[name] <= sizes[name] for name in used), (used, sizes)
        else:
            assert done.returncode == 4 and "which ha" in done.stderr, done.stderr
    assert codes == {0, 4} and overflows, "these sizes say nothing"


def test_the_copy_of_a_large_input_goes_where_there_is_room(
    fwgen: Fwgen, tmp_path: Path, overflows: list[dict[str, int]]
) -> None:
    """A float input beside a small arena, which stays in the fast memory."""
    m = ModelBuilder()
    x = m.tensor((1, 60, 60, 3), "float32")
    q, y = (m.tensor((1, 60, 60, 3), scale=0.1, zero_point=0) for _ in range(2))
    m.op("QUANTIZE", [x], [q])
    m.op("RELU", [q], [y])
    (tmp_path / "m.tflite").write_bytes(m.build())
    input_bytes = 60 * 60 * 3 * 4
    for sram, places in (
        (40_000, {"data"}),
        (input_bytes * 5 // 4 + 6_000, {"data"}),
        (3_000, {"data", "stack"}),
    ):
        on = board_file(tmp_path, SRAM=sram)
        done = fwgen("build", "m.tflite", "-b", on, "-o", "p", "--json", "b.json")
        assert done.returncode == 0, done.stderr
        memory = memory_of(tmp_path / "b.json")
        assert {move["what"] for move in memory["moved"]} == places
        assert memory["by_region"]["BULK"] >= input_bytes
        if sram > input_bytes:
            assert [arena["region"] for arena in memory["arenas"]] == ["SRAM"]
        verified = fwgen("verify", "p", "--inputs", 1)
        assert verified.returncode == 0, verified.stdout + verified.stderr


def test_boards_with_several_regions_list_all_of_them() -> None:
    """What is first is for speed; the rest of a board is for what does not fit there."""
    for board in map(load_board, board_names()):
        for what in ("code", "weights", "data", "arena", "stack") if board.place else ():
            listed = board.regions_for(what)
            others = [r for r in board.regions if r.kind == listed[0].kind and r not in listed]
            assert len(listed) > 1 or not others, f"{board.name}: {what}"
