"""Code for a Cortex-M0: no model needs an instruction or an unaligned access that Armv6-M lacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from fwgen.board import load_board
from tests.conftest import OWN_MODELS, REAL_MODELS, Fwgen


@pytest.fixture
def roomy(tmp_path: Path) -> Path:
    """A board for a Cortex-M0 with room for every model.

    It is one with a Cortex-M3, which executes code for a Cortex-M0. The start-up code of such code
    has it trap unaligned accesses, as a Cortex-M0 does.
    """
    path = tmp_path / "roomy.toml"
    path.write_text(load_board("mps2-an385").source.decode().replace("cortex-m3", "cortex-m0"))
    return path


@pytest.mark.parametrize("model", [*OWN_MODELS, *REAL_MODELS], ids=lambda m: m.stem)
def test_every_model_is_exact_in_armv6m(
    fwgen: Fwgen, tmp_path: Path, roomy: Path, model: Path
) -> None:
    out, result = tmp_path / "o", tmp_path / "v.json"
    done = fwgen("build", model, "-b", roomy, "-o", out)
    assert done.returncode == 0, done.stderr
    assert architecture(out / "build" / "firmware.elf") == "v6-M"
    done = fwgen("verify", out, "--inputs", 1, "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(result.read_text())
    assert verdict["mismatches"] == 0 and verdict["bytes"] > 0


def architecture(elf: Path) -> str:
    """That for which all of an image was compiled, by its build attributes."""
    with elf.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".ARM.attributes")
        ((attribute,),) = (
            [a for a in part.iter_attributes("TAG_CPU_ARCH")]
            for each in section.iter_subsections()
            for part in each.iter_subsubsections()
        )
    return {11: "v6-M", 12: "v6S-M"}.get(attribute.value, str(attribute.value)).replace("S", "")
