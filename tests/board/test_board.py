"""Board files: those that fwgen ships are right, and wrong ones are refused with file and key."""

from __future__ import annotations

import copy
import json
import random
import re
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fwgen.board import PLACES, board_names, load_board, parse_board
from fwgen.board.core_keys import CLOCK, LIKE, TOP, TRIGGER, all_sections
from fwgen.board.facts import CORES, TESTED
from fwgen.board.key_tables import BEGIN, END, updated
from fwgen.board.keys import Key, Pin
from fwgen.board.platforms import whole
from fwgen.device.run import notes_on
from fwgen.errors import UsageError
from fwgen.host.resources import boards_dir, templates_dir
from fwgen.measure.counters.core_models import CORES as PIPELINES
from fwgen.npu.board_npu import npus_of
from tests.conftest import OWN_MODELS, Fwgen
from tests.device.firmware.build import link, render

GOOD = (boards_dir() / "mps2-an385.toml").read_text()
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
GOOD_NPU = (boards_dir() / "corstone-300.toml").read_text()
BOARDS = board_names()


def refused(source: str | bytes) -> UsageError:
    data = source.encode() if isinstance(source, str) else source
    with pytest.raises(UsageError) as caught:
        parse_board(data, "b.toml")
    assert caught.value.at.startswith("b.toml")
    return caught.value


@pytest.mark.parametrize("name", BOARDS)
def test_shipped_board(name: str) -> None:
    board = load_board(name)
    assert board.name == name
    assert board.tested in TESTED
    assert board.source == (boards_dir() / f"{name}.toml").read_bytes()
    for folder in board.platform_folders:
        assert list((templates_dir() / "platform" / folder).glob("*.c"))
    if board.native:
        assert not board.regions and board.timer is None and board.uart is None
        return
    assert set(board.place) - {"boot"} == set(PLACES)
    assert board.region("code").kind == "rom"
    assert board.region("arena").kind == "ram"
    assert board.timer is not None and board.uart is not None
    if "qemu" in board.sections:
        # More than 4 ticks per instruction of 256 ns: a count and the calibration subtracted from
        # it, each off by less than a tick, still round to the exact number.
        assert board.timer.hz * 256e-9 > 4


def test_file_names_of_platforms_are_unique() -> None:
    for name in BOARDS:
        board = load_board(name)
        folders = ["runtime", *(f"platform/{folder}" for folder in board.platform_folders)]
        files = [path.name for folder in folders for path in (templates_dir() / folder).iterdir()]
        assert len(files) == len(set(files))


def test_corstone_310_says_what_runs_it() -> None:
    assert any("stand-in" in note for note in notes_on(load_board("corstone-310"), "qemu", None))


SHARED_BUS = {  # what Arm's Corstone manuals have on the bus that NPU and core share
    "corstone-300": (0x5810_2000, 56),
    "corstone-310": (0x5000_4000, 16),
    "corstone-320": (0x5000_4000, 16),
}


@pytest.mark.parametrize("name", SHARED_BUS)
def test_npus_of_the_corstones(name: str) -> None:
    board = load_board(name)
    regions = {region.name: region for region in board.regions}
    assert npus_of(board)
    for npu in npus_of(board):
        assert (npu.base, npu.irq) == SHARED_BUS[name]
        for region in (*npu.arena, *npu.fast, *npu.weights):
            assert regions[region].name not in ("ITCM", "DTCM"), "the NPU does not reach it"
        assert npu.fvp and npu.fvp_macs.endswith("ethosu.num_macs")


def test_npus_are_what_vela_knows() -> None:
    """Configurations, system configurations and memory modes, by Vela's own lists."""
    vela = pytest.importorskip("ethosu.vela")
    from ethosu.vela.architecture_features import Accelerator

    folder = Path(vela.__file__).parents[1] / "config_files"
    config = (folder / "Arm" / "vela.ini").read_text()
    known = Accelerator.member_list()
    found = set()
    for name in BOARDS:
        for npu in npus_of(load_board(name)):
            assert f"[System_Config.{npu.system_config}]" in config
            assert f"[Memory_Mode.{npu.memory_mode}]" in config
            assert npu.product.replace("-", "_").lower() in npu.system_config.lower()
            found |= set(npu.configurations)
    assert found == set(known)


def test_corstone_320_links_to_where_it_starts(tmp_path: Path) -> None:
    """Its vectors are where the core looks for them, and nothing is where nothing is loaded."""
    from elftools.elf.elffile import ELFFile

    board = load_board("corstone-320")
    with link(board, tmp_path).open("rb") as file:
        elf = ELFFile(file)
        sections = {s.name: s for s in elf.iter_sections() if s["sh_flags"] & 2 and s["sh_size"]}
        entry, vectors = elf["e_entry"], sections[".vectors"].data()
    assert sections[".vectors"]["sh_addr"] == 0x1100_0000
    assert int.from_bytes(vectors[4:8], "little") == entry
    assert 0x1200_0000 <= entry < 0x1220_0000
    for section in sections.values():
        begin, end = section["sh_addr"], section["sh_addr"] + section["sh_size"]
        assert any(r.origin <= begin and end <= r.origin + r.bytes for r in board.regions)


def test_board_of_the_user(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD.replace('name = "mps2-an385"', 'name = "mine"', 1))
    assert load_board(str(file)).name == "mine"


@pytest.mark.parametrize("name", ["nonesuch", "", "../../etc/passwd", "corstone-300\n", "a" * 9999])
def test_unknown_board(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_board(name)
    assert "corstone-300" in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name", ["missing.toml", ".toml", "folder.toml"])
def test_unreadable_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        load_board(str(tmp_path / name))


def test_nul_in_file_name() -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_board("a\0b.toml")


def test_giant_file(tmp_path: Path) -> None:
    file = tmp_path / "giant.toml"
    file.write_text("# " + "x" * (10 << 20))
    with pytest.raises(UsageError, match="at most 16,384 bytes"):
        load_board(str(file))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('platform = "mps2"', "", "platform"),
        ('platform = "mps2"', "platform = 7", "platform"),
        ('platform = "mps2"', 'platform = "../host"', "platform"),
        ('platform = "mps2"', 'platform = "nonesuch"', "platform"),
        ('shares = ["cortex_m", "cmsdk_uart"]', 'shares = ["cortex_m", "no"]', "shares"),
        ('name = "mps2-an385"', 'name = "../../x"', "name"),
        ('name = "mps2-an385"', 'name = ""', "name"),
        ('name = "mps2-an385"', 'name = "x*/ int pwn; /*"', "name"),
        ('title = "', 'title = "*/ x', "title"),
        ('title = "', 'title = "\\n', "title"),
        ("clock_hz", "clockhz", "clockhz"),
        ("clock_hz = 25_000_000", "clock_hz = 25e6", "clock_hz"),
        ("stack_bytes = 4096", "stack_bytes = true", "stack_bytes"),
        ("stack_bytes = 4096", "stack_bytes = -4096", "stack_bytes"),
        ("stack_bytes = 4096", "stack_bytes = 4097", "stack_bytes"),
        ("stack_bytes = 4096", "stack_bytes = 0x80_0000", "stack_bytes"),
        ("notes = []", "notes = []\ncolour = 1", "colour"),
        ("notes = []", "notes = 'x'", "notes"),
        ("features = []", "features = ['neon']", "cpu.features"),
        ('"-mthumb"', '"; rm -rf /"', "cpu.flags"),
        ('"-mthumb"', '"@file"', "cpu.flags"),
        *(
            ('"-mthumb"', f'"{flag}"', "cpu.flags")
            for flag in ("-specs=x", "-fplugin=x", "-wrapper", "-B.", "-include", "-o", "-Wl,-Tx")
        ),
        *(
            ('name = "SRAM"', f'name = "{word}"', "region[1].name")
            for word in ("ORIGIN", "SECTIONS", "ALIGN", "INCLUDE", "AT")
        ),
        ("origin = 0x2000_0000", "origin = 0x0000_0100", "region"),
        ("origin = 0x2000_0000", "origin = -1", "region[1].origin"),
        ("origin = 0x2000_0000", "origin = 0x2000_0001", "region[1].origin"),
        ("origin = 0x2000_0000", "origin = 0xFFFF_FF00", "region[1].bytes"),
        ("bytes = 0x40_0000", "bytes = -1", "region[0].bytes"),
        ("bytes = 0x40_0000", "bytes = 0", "region[0].bytes"),
        ("bytes = 0x40_0000", "bytes = 99999999999999999999999999", "region[0].bytes"),
        ("bytes = 0x40_0000", "bytes = 0x40_0000\nspeed = 1", "region[0].speed"),
        ("wait_states = 0", "wait_states = -1", "region[0].wait_states"),
        ("wait_states = 0", "waitstates = 0", "region[0].waitstates"),
        ('kind = "ram"', 'kind = "disk"', "region[1].kind"),
        ('name = "SRAM"', 'name = "CODE"', "region"),
        ('name = "SRAM"', 'name = "S; RAM"', "region[1].name"),
        ('arena = "SRAM"', 'arena = "MOON"', "place.arena"),
        ('arena = "SRAM"', 'arena = "CODE"', "place.arena"),
        ('arena = "SRAM"', "arena = []", "place.arena"),
        ('arena = "SRAM"', "arena = [7]", "place.arena"),
        ('arena = "SRAM"', 'arena = ["SRAM", "SRAM"]', "place.arena"),
        ('arena = "SRAM"', 'arena = ["SRAM", "CODE"]', "place.arena"),
        ('weights = "CODE"', 'weights = ["CODE", "MOON"]', "place.weights"),
        ('stack = "SRAM"', 'stack = ["SRAM", "SRAM"]', "place.stack"),
        ('vectors = "CODE"', 'vectors = ["CODE"]', "place.vectors"),
        ('code = "CODE"', 'code = "SRAM"', "place.code"),
        ('arena = "SRAM"', "", "place.arena"),
        ('arena = "SRAM"', 'arena = "SRAM"\nheap = "SRAM"', "place.heap"),
        ("[place]", "[[place]]", "place"),
        ("[timer]", "[[timer]]", "timer"),
        ("hz = 25_000_000\nbase", "hz = 25_000_001\nbase", "timer.hz"),
        ("rx_irq = 0", "rx_irq = 480", "uart.rx_irq"),
        ("machine = ", "machines = ", "qemu.machines"),
        ('machine = "mps2-an385"', 'machine = "x,y=z -S"', "qemu.machine"),
        ('machine = "mps2-an385"', 'machine = "-S"', "qemu.machine"),
        ("[qemu]", "[qemo]", "qemo"),
    ],
)
def test_wrong_key(old: str, new: str, key: str) -> None:
    source = GOOD.replace(old, new, 1)
    assert source != GOOD
    assert refused(source).at == f"b.toml: {key}"


@pytest.mark.parametrize(
    "program", ["sh", "touch", "../FVP_x", "FVP_x/y", "fvp_x", "FVP", "xFVP_x"]
)
def test_an_fvp_is_no_other_program(program: str) -> None:
    source = load_board("corstone-300").source.decode()
    for key, at in (("program", "fvp.program"), ("fvp", "npu[0].fvp")):
        changed = re.sub(rf'^{key} = ".*"', f'{key} = "{program}"', source, count=1, flags=re.M)
        assert changed != source
        assert refused(changed).at == f"b.toml: {at}"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('product = "ethos-u55"', 'product = "ethos-u99"', "npu[0].product"),
        ('product = "ethos-u65"', 'product = "ethos-u55"', "npu"),
        ('macs = ["32", "64", "128", "256"]', "macs = []", "npu[0].macs"),
        ('macs = ["32", "64", "128", "256"]', "macs = [128]", "npu[0].macs"),
        ('macs = ["32", "64", "128", "256"]', 'macs = ["129"]', "npu[0].macs"),
        ("irq = 56", "irq = 480", "npu[0].irq"),
        ("base = 0x5810_2000", "base = -1", "npu[0].base"),
        ('fast = ["ISRAM"]', 'fast = ["MOON"]', "npu.fast"),
        ('fast = ["ISRAM"]', 'fast = ["QSPI"]', "npu.fast"),
        ('arena = ["ISRAM", "DDR"]', "arena = []", "npu[0].arena"),
        ('weights = ["SRAM", "QSPI"]', 'weights = ["DDR"]', "npu.weights"),
        ('memory_mode = "Shared_Sram"', 'memory_mode = "a; b"', "npu[0].memory_mode"),
        ('fvp_macs = "ethosu.num_macs"', 'fvp_mac = "ethosu.num_macs"', "npu[0].fvp_mac"),
        ("[[npu]]", "[npu]", ""),
        ("shared_base = 0x6000_0000", "shared_base = 0x8000_0001", "qemu.shared_bytes"),
        ("shared_bytes = 0x8000_0000", "shared_bytes = -1", "qemu.shared_bytes"),
    ],
)
def test_wrong_npu(old: str, new: str, key: str) -> None:
    source = GOOD_NPU.replace(old, new, 1)
    assert source != GOOD_NPU
    assert refused(source).at.startswith(f"b.toml: {key}" if key else "b.toml")


EVERYTHING = tomllib.loads(GOOD_NPU) | {
    "shares": [*tomllib.loads(GOOD_NPU)["shares"], "ina228"],
    "like": "corstone-300",
    "serial": {"baud": 9600},
    "chip": {"name": "a chip", "id_address": 0, "id_value": 0, "open_address": 4, "open_value": 1},
    "gdb": {"server": "localhost:3333"},
    "openocd": {"config": ["interface/stlink.cfg"]},
    "mass_storage": {"codes": ["0776"], "format": "hex"},
    "pyocd": {"target": "nrf51"},
    "uf2": {"family": 0},
    "ina228": {"address": 0x40, "shunt_ohms": 0.1, "most_amperes": 0.5},
}
"""A board with all sections; keys that it lacks are added to it as they are tested."""
WRONG: tuple[object, ...] = (
    -1,
    1 << 40,
    1.5,
    True,
    "\u00a7",
    "",
    [],
    [7],
    [[]],
    {},
    "a\nb",
    ["x", "x"],
)
"""Values that no key takes all of."""
KEYS = [
    *(("", key) for key in (*TOP, *CLOCK, TRIGGER, LIKE)),
    *((section.name, key) for section in all_sections() for key in section.keys),
]


def toml(content: object) -> str:
    """A value of TOML, tables in one line."""
    if isinstance(content, dict):
        return "{" + ", ".join(f"{key} = {toml(value)}" for key, value in content.items()) + "}"
    if isinstance(content, list):
        return f"[{', '.join(map(toml, content))}]"
    return json.dumps(content)


def document(content: dict[str, Any]) -> str:
    return "".join(f"{key} = {toml(value)}\n" for key, value in content.items())


def changed(section: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """All of a board, the table in it that a test may change, and what errors call that."""
    content = copy.deepcopy(EVERYTHING)
    if not section:
        return content, content, ""
    table = content[section]
    return content, *(
        (table[0], f"{section}[0].") if isinstance(table, list) else (table, f"{section}.")
    )


OF_CHIPS = {("timer", "hz"), ("timer", "base")}
"""Keys that are missing only where a counter of the core counts."""


def test_the_board_with_everything_is_one() -> None:
    assert {section.name for section in all_sections()} <= EVERYTHING.keys()
    assert parse_board(document(EVERYTHING).encode(), "b.toml").name == "corstone-300"


@pytest.mark.parametrize(("section", "key"), KEYS, ids=lambda each: getattr(each, "name", each))
def test_every_key_says_what_it_expects(section: str, key: Key) -> None:
    """Missing, and of any wrong kind; a key that may be missing has its default."""
    content, table, at = changed(section)
    table.pop(key.name, None)
    if key.name == "shares":  # without it a chip has no driver
        del content["ina228"]
    if key.required or (section, key.name) in OF_CHIPS:
        error = refused(document(content))
        assert error.at == f"b.toml: {at}{key.name}"
        assert key.name == "platform" or "the key is missing, expected" in error.what
        assert key.kind.expected in error.what
    else:
        parse_board(document(content).encode(), "b.toml")
    tried = 0
    for value in WRONG:
        try:
            key.kind.read(value)
            continue
        except ValueError:
            tried += 1
        table[key.name] = value
        error = refused(document(content))
        assert error.at == f"b.toml: {at}{key.name}", value
        assert key.kind.expected in error.what
    assert tried >= 6


@pytest.mark.parametrize("section", ["", *(section.name for section in all_sections())])
def test_every_section_refuses_other_keys(section: str) -> None:
    content, table, at = changed(section)
    name = next(iter(table))
    table[f"{name}s"] = table.pop(name)
    error = refused(document(content))
    assert error.at == f"b.toml: {at}{name}s" and "unknown key, expected one of" in error.what
    assert error.tries == (f"{name}, if that is what was meant",)


@pytest.mark.parametrize("section", [section.name for section in all_sections()])
def test_every_section_is_a_table(section: str) -> None:
    content = copy.deepcopy(EVERYTHING)
    for wrong in (7, "x", [], [7], {}):
        content[section] = wrong
        error = refused(document(content))
        assert error.at.startswith(f"b.toml: {section}")
        assert "expected" in error.what


@pytest.mark.parametrize("section", ["cpu", "region", "place", "timer", "uart"])
def test_a_missing_section_says_what_is_in_it(section: str) -> None:
    content = copy.deepcopy(EVERYTHING)
    del content[section]
    error = refused(document(content))
    assert error.at == f"b.toml: {section}" and f"[{section}]" in error.what
    for key in next(each for each in all_sections() if each.name == section).keys:
        assert (
            key.name in error.what.partition(" with ")[2].rstrip(".").split(", ")
        ) == key.required


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("cortex-m4f", "cortex-m4"),
        ("cortex_m33", "cortex-m33"),
        ("Cortex-M7", "cortex-m7"),
        ("cortexm55", "cortex-m55"),
    ],
)
def test_a_core_of_another_name_is_told_the_nearest(name: str, nearest: str) -> None:
    error = refused(GOOD.replace('name = "cortex-m3"', f'name = "{name}"'))
    assert error.at == "b.toml: cpu.name"
    assert f": {nearest}, if that is what was meant" in error.what


def test_a_core_has_no_features_that_it_cannot_have() -> None:
    error = refused(GOOD.replace("features = []", 'features = ["mve"]'))
    assert error.at == "b.toml: cpu.features" and "no cortex-m3 has mve" in error.what


def test_flags_are_of_the_core_that_is_named() -> None:
    error = refused(GOOD.replace('"-mcpu=cortex-m3"', '"-mcpu=cortex-m33+nodsp"'))
    assert error.at == "b.toml: cpu.flags" and "expected -mcpu=cortex-m3" in error.what


def test_cores_with_a_pipeline_model_are_cores_of_boards() -> None:
    assert PIPELINES.keys() <= CORES.keys()


@pytest.mark.parametrize(
    ("value", "number"),
    [("PA0", 0), ("PA10", 10), ("PB0", 16), ("PG7", 103), ("PK15", 175), (6, 6)],
)
def test_pins_are_numbered_through_all_ports(value: object, number: int) -> None:
    assert Pin().read(value) == number


@pytest.mark.parametrize("value", ["PA16", "PL0", "A0", "PA", "PA01", "pa0", "", 256, -1, True])
def test_what_is_no_pin(value: object) -> None:
    with pytest.raises(ValueError):
        Pin().read(value)


@pytest.mark.parametrize("part", ["cmsdk_uart", "cortex_m", "ethos_u"])
def test_a_part_is_no_platform(part: str) -> None:
    error = refused(GOOD.replace('platform = "mps2"', f'platform = "{part}"'))
    assert error.at == "b.toml: platform"
    known = ", ".join((*whole(), "none"))
    assert f"{part} is a part of platforms, expected {known}, or a folder" in error.what


@pytest.mark.parametrize("name", BOARDS)
def test_a_file_to_start_from_says_the_same(name: str, fwgen: Fwgen, tmp_path: Path) -> None:
    """And has a comment at each key of its sections, of which none begins anything else."""
    done = fwgen("boards", "--show", name, "--json", tmp_path / "b.json")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "b.json").read_text())["toml"] == done.stdout
    (tmp_path / "mine.toml").write_text(done.stdout)
    own, shipped = load_board(str(tmp_path / "mine.toml")), load_board(name)
    assert replace(own, source=shipped.source) == shipped
    for section in all_sections():
        for key in section.keys if section.name in tomllib.loads(done.stdout) else ():
            assert key.what[1:40] in " ".join(done.stdout.replace("\n# ", " ").split())


def test_a_board_file_that_was_printed_builds(fwgen: Fwgen, tmp_path: Path) -> None:
    shown = fwgen("boards", "--show", "mps2-an505").stdout
    (tmp_path / "mine.toml").write_text(shown.replace('name = "mps2-an505"', 'name = "mine"', 1))
    done = fwgen("build", DIGITS, "--board", tmp_path / "mine.toml", "-o", tmp_path / "o")
    assert done.returncode == 0, done.stderr
    assert fwgen("verify", tmp_path / "o", "--inputs", 1).returncode == 0


def test_only_boards_of_fwgens_can_be_shown(fwgen: Fwgen) -> None:
    done = fwgen("boards", "--show", "mps2-an506")
    assert done.returncode == 2
    assert "There is no board 'mps2-an506'" in done.stderr and "mps2-an50" in done.stderr


def test_the_documentation_has_all_keys() -> None:
    document = (boards_dir().parent / "docs" / "boards.md").read_text()
    assert BEGIN in document and END in document
    assert updated(document) == document, "tools/board_keys.py writes them"


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\xff\xfe",
        b"name = ",
        b"[[[[",
        b"a = " + b"[" * 16000,
        b"a = " + b"{x=" * 5000,
        b".".join([b"a"] * 8000) + b" = 1",
        b"[" + b".".join([b"a"] * 8000) + b"]",
        b"a = " + b"9" * 50000,
        b"name = 1979-05-27",
    ],
    ids=lambda source: repr(source[:12]),
)
def test_not_a_board(source: bytes) -> None:
    assert len(str(refused(source))) < 1000


def test_mutated_files() -> None:
    """Whatever a file holds, it is a board or a UsageError; nothing else gets out."""
    chooser = random.Random(20250101)
    sources = [(boards_dir() / f"{name}.toml").read_bytes() for name in BOARDS]
    accepted = 0
    for _ in range(2000):
        data = bytearray(chooser.choice(sources))
        for _ in range(chooser.randint(1, 4)):
            at = chooser.randrange(len(data))
            match chooser.randrange(4):
                case 0:
                    data[at] = chooser.randrange(256)
                case 1:
                    del data[at : at + chooser.randint(1, 40)]
                case 2:
                    data[at:at] = chooser.choice([b"[[", b"=", b'"', b"\n", b"-1", b"[x]\n", b"0x"])
                case 3:
                    other = chooser.choice(sources)
                    start = chooser.randrange(len(other))
                    data[at:at] = other[start : start + 60]
        try:
            board = parse_board(bytes(data), "b.toml")
        except UsageError as error:
            assert error.at.startswith("b.toml")
        else:
            accepted += 1
            assert re.fullmatch(r"[a-z][a-z0-9_-]*", board.name)
            assert all(r.bytes > 0 and r.origin + r.bytes <= 1 << 32 for r in board.regions)
    assert 0 < accepted < 2000


@pytest.mark.parametrize("region", ["CODE", "SRAM"])
def test_what_does_not_fit_does_not_link(region: str, tmp_path: Path) -> None:
    content = tomllib.loads(GOOD)
    index = [r["name"] for r in content["region"]].index(region)
    parts = GOOD.split("bytes = 0x40_0000")
    small = "bytes = 4096".join([parts[0], parts[1]]) if index == 0 else GOOD
    if index == 1:
        small = parts[0] + "bytes = 0x40_0000" + parts[1] + "bytes = 4096" + parts[2]
    else:
        small += "bytes = 0x40_0000" + parts[2]
    with pytest.raises(subprocess.CalledProcessError) as caught:
        link(parse_board(small.encode(), "b.toml"), tmp_path)
    assert re.search(rf"region `{region}' overflowed by \d+ bytes", caught.value.stderr)


def test_header_holds_the_board() -> None:
    header = render("fw_board.h.j2", load_board("mps2-an505"))
    assert "#define FW_UART_BASE UINT32_C(0x50200000)" in header
    assert "#define FW_COUNTER_HZ UINT32_C(20000000)" in header
    assert "#define FW_COUNTER_HZ UINT32_C(0)" in render("fw_board.h.j2", load_board("host"))
