"""Code for a Cortex-M0: no model needs an instruction that Armv6-M lacks."""

from __future__ import annotations

from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from tests.conftest import OWN_MODELS, REAL_MODELS, Fwgen

BOARD = "mps2-m0plus"


@pytest.mark.parametrize("model", [*OWN_MODELS, *REAL_MODELS], ids=lambda m: m.stem)
def test_every_model_is_compiled_for_armv6m(fwgen: Fwgen, tmp_path: Path, model: Path) -> None:
    """And is exact by ``test_boards``, where unaligned accesses are faults."""
    done = fwgen("build", model, "-b", BOARD, "-o", tmp_path / "o")
    assert done.returncode == 0, done.stderr
    assert architecture(tmp_path / "o" / "build" / "firmware.elf") == "v6-M"


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
