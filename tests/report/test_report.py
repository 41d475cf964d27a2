"""``fwgen report``: the picture is the plan, the page is whole, and foreign text stays text."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from fwgen.compile.plan.occupancy import SharedBytes, moments
from fwgen.compile.plan.problem import Buffer
from tests.conftest import OWN_MODELS, REAL_MODELS, Fwgen
from tests.tflite_models import ModelBuilder

MODELS = [*OWN_MODELS, *REAL_MODELS]
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
SVG = "{http://www.w3.org/2000/svg}"
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """A page's elements in order; fails where they are not closed in theirs."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def rectangles(root: ET.Element, kind: str) -> list[ET.Element]:
    return [r for r in root.iter(f"{SVG}rect") if kind in r.get("class", "").split()]


def numbers(element: ET.Element, *names: str) -> list[float]:
    return [float(element.get(name, "nan")) for name in names]


def reported(fwgen: Fwgen, folder: Path, *args: object) -> tuple[dict[str, Any], ET.Element, str]:
    """The report's JSON, picture and page."""
    paths = folder / "r.json", folder / "r.svg", folder / "r.html"
    done = fwgen("report", *args, "--json", paths[0], "--svg", paths[1], "-o", paths[2])
    assert done.returncode == 0, done.stderr
    data = json.loads(paths[0].read_text())
    return data, ET.parse(paths[1]).getroot(), paths[2].read_text()


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_the_picture_is_the_plan(fwgen: Fwgen, tmp_path: Path, model: Path) -> None:
    """Every buffer is there once, at its offset and in its time, on one scale for all."""
    args = (model, "--board", "corstone-300", "--optimize", "ram")
    data, root, page = reported(fwgen, tmp_path, *args)
    assert data["schema"] == 1 and data["goal"] == "ram"
    arena, ops = data["memory"]["arena_bytes"], data["ops"]
    drawn = rectangles(root, "buffer")
    keys = ("data-offset", "data-bytes", "data-first", "data-last")
    expected = sorted((b["offset"], b["bytes"], b["first"], b["last"]) for b in data["buffers"])
    assert sorted(tuple(map(int, numbers(r, *keys))) for r in drawn) == expected
    top, bound = (line for line in root.iter(f"{SVG}line") if line.get("class") != "grid")
    assert (top.get("class"), bound.get("class")) == ("limit", "bound")
    left, right, y_top = numbers(top, "x1", "x2", "y1")
    y_zero = max(numbers(line, "y1")[0] for line in root.iter(f"{SVG}line"))
    column, byte = (right - left) / (len(ops) + 1), (y_zero - y_top) / arena
    for r in drawn:
        x, y, width, height = numbers(r, "x", "y", "width", "height")
        offset, size, first, last = numbers(r, *keys)
        assert x == pytest.approx(left + first * column, abs=0.02)
        assert width == pytest.approx((last - first) * column, abs=0.02)
        assert y == pytest.approx(y_zero - (offset + size) * byte, abs=0.02)
        assert height == pytest.approx(size * byte, abs=0.02)
    assert numbers(bound, "y1")[0] == pytest.approx(
        y_zero - data["memory"]["arena_lower_bound_bytes"] * byte, abs=0.02
    )
    assert len(rectangles(root, "peak")) == len(data["peak_ops"])
    check_moments(data)
    check_page(data, page)


def check_moments(data: dict[str, Any]) -> None:
    """The bytes in use and shared at each op, counted one by one."""
    pairs = set()
    for position, moment in enumerate(data["moments"]):
        live = {
            j: set(range(b["offset"], b["offset"] + b["bytes"]))
            for j, b in enumerate(data["buffers"])
            if b["first"] <= position < b["last"]
        }
        assert moment["op"] == data["ops"][position]["index"]
        assert moment["buffers"] == sorted(live)
        used = set().union(*live.values())
        assert (moment["live_bytes"], moment["top_bytes"]) == (len(used), max(used) + 1)
        both = {(a, b): len(live[a] & live[b]) for a, b in combinations(sorted(live), 2)}
        found = {pair: count for pair, count in both.items() if count}
        assert {tuple(o["buffers"]): o["bytes"] for o in moment["overlaps"]} == found
        scratch = [b for b in data["buffers"] if b["scratch_of"] == moment["op"]]
        assert moment["scratch_bytes"] == sum(b["bytes"] for b in scratch)
        pairs |= set(found)
    most = max(moment["live_bytes"] for moment in data["moments"])
    assert data["peak_bytes"] == most <= data["memory"]["arena_bytes"]
    assert data["peak_ops"] == [m["op"] for m in data["moments"] if m["live_bytes"] == most]


def check_page(data: dict[str, Any], text: str) -> None:
    """One file that loads nothing and runs nothing, with the picture and a row per op."""
    page = Page(text)
    tags = [tag for tag, _ in page.elements]
    assert tags.count("svg") == 1 and tags.count("html") == 1
    assert not {"script", "link", "img", "iframe", "object"} & set(tags)
    for _, attributes in page.elements:
        assert not {"src", "href", "srcset", "onload", "onclick"} & set(attributes)
    loads = re.findall(r"(?:https?:|url\(|@import)[^\s\"')]*", text)
    assert set(loads) <= {"http://www.w3.org/2000/svg", "url(#shared"}
    assert "prefers-color-scheme: dark" in text
    body = text[text.index("<tbody>") : text.index("</tbody>")]
    assert body.count("<tr") == len(data["ops"])
    for op in data["ops"]:
        assert op["kernel"] in body and f"{op['expected_cycles']:,}" in body
    assert "estimates" in page.text and f"{data['memory']['arena_bytes']:,} bytes" in page.text


def test_a_project_tells_the_same_as_its_model(fwgen: Fwgen, tmp_path: Path) -> None:
    """The folder is enough, whatever it was built with; bytes are the same every time."""
    options = ("--board", "corstone-300", "--optimize", "size", "--strict")
    build = fwgen("build", DIGITS, *options, "--no-compile", "-o", "p", "--json", "build.json")
    assert build.returncode == 0, build.stderr
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    reported_build, _, page = reported(fwgen, tmp_path / "a", "p")
    compiled, _, again = reported(fwgen, tmp_path / "b", DIGITS, *options)
    assert page == again
    assert (tmp_path / "a" / "r.svg").read_bytes() == (tmp_path / "b" / "r.svg").read_bytes()
    built = json.loads((tmp_path / "build.json").read_text())
    assert {key: reported_build[key] for key in built} == built
    assert reported_build == compiled | {"build_id": built["build_id"]}
    assert fwgen("report", "p").returncode == 0
    assert (tmp_path / "digits-corstone-300.html").read_text() == page


NAMES = (
    "<script>alert(1)</script>",
    "a\"b'c&amp;]]>",
    "two\nlines\r\x00\x1b\x7f",
    "caf\u00e9 \u2028 \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    b"\xff\xfe not UTF-8",
    "</title></svg></style>",
    "{{ 7 * 7 }}{% endfor %}",
    "n" * 400,
    "",
)


def chain(names: tuple[str | bytes, ...]) -> bytes:
    """A model of one ADD per name, whose outputs are called so."""
    m = ModelBuilder()
    x = first = m.tensor((1, 4, 4, 2), scale=0.5, name="in")
    for name in names:
        y = m.tensor((1, 4, 4, 2), scale=0.5, name=name)
        m.op("ADD", [x, first], [y], fused_activation_function="NONE")
        x = y
    return m.build([first], [x])


def test_names_stay_text(fwgen: Fwgen, tmp_path: Path) -> None:
    model = tmp_path / "m<b>&.tflite"
    model.write_bytes(chain(NAMES))
    data, root, text = reported(fwgen, tmp_path, model, "--board", "host")
    page = Page(text)
    assert not {"script", "b>"} & {tag for tag, _ in page.elements}
    assert [tag for tag, _ in page.elements].count("style") == 2
    shown = "".join(title.text or "" for title in root.iter(f"{SVG}title"))
    for name in ("<script>alert(1)</script>", "&amp;]]>", "two\\nlines", "{{ 7 * 7 }}", "\\xff"):
        assert name in shown and name in page.text
    assert len(rectangles(root, "buffer")) == len(data["buffers"]) == 1 + len(NAMES)


def test_text_of_a_tampered_project_stays_text(fwgen: Fwgen, tmp_path: Path) -> None:
    """fwgen.json may come from anyone, and JSON holds what a model's name cannot."""
    assert fwgen("build", DIGITS, "-b", "host", "--no-compile", "-o", "p").returncode == 0
    marker = tmp_path / "p" / "fwgen.json"
    data = json.loads(marker.read_text())
    evil = "\x00\ud800\ufffe\u0085</title><script>x</script>"
    data["buffers"][0]["tensors"][0]["name"] = data["ops"][0]["kernel"] = evil
    data["ops"][0]["reason"] = '"><script>'
    data["model"]["name"] = "../up/<x>"
    marker.write_text(json.dumps(data))
    _, root, text = reported(fwgen, tmp_path, "p")
    assert "script" not in {tag for tag, _ in Page(text).elements}
    assert "\\x00\\ud800\\ufffe" in "".join(t.text or "" for t in root.iter(f"{SVG}title"))
    assert fwgen("report", "p").returncode == 0
    assert [p.name for p in tmp_path.glob("*host.html")] == [".._up__x_-host.html"]


def damages(data: dict[str, Any]) -> list[tuple[str, Any]]:
    """What can be wrong with one value: (path, new value)."""
    return [
        ("buffers", None), ("buffers", []), ("buffers", {}), ("ops", []), ("ops", 7),
        ("buffers.0.offset", -16), ("buffers.0.offset", "0"), ("buffers.0.offset", True),
        ("buffers.0.bytes", 0), ("buffers.0.bytes", 10**30), ("buffers.0.first", 99),
        ("buffers.0.last", 0), ("buffers.0.kind", "x onload=1"), ("buffers.0.tensors", [{}]),
        ("buffers.0.scratch_of", "<b>"), ("memory", {}), ("memory.arena_bytes", 0),
        ("memory.arena_bytes", 1.5), ("memory.arena_lower_bound_bytes", 10**9),
        ("ops.0.macs", None), ("ops.0.kernel", 3), ("goal", None), ("model", "digits"),
    ]  # fmt: skip


def test_a_damaged_project_is_a_sentence(fwgen: Fwgen, tmp_path: Path) -> None:
    assert fwgen("build", DIGITS, "-b", "host", "--no-compile", "-o", "p").returncode == 0
    marker = tmp_path / "p" / "fwgen.json"
    whole = marker.read_text()
    for path, value in damages(json.loads(whole)):
        data = json.loads(whole)
        *way, last = path.split(".")
        place = data
        for step in way:
            place = place[int(step)] if step.isdigit() else place[step]
        place[last] = value
        marker.write_text(json.dumps(data))
        done = fwgen("report", "p", "--json", "r.json")
        assert done.returncode == 2, (path, value, done.stderr)
        assert "damaged" in done.stderr and "fwgen build" in done.stderr
        assert "Traceback" not in done.stderr
    data = json.loads(whole)
    del data["buffers"]
    marker.write_text(json.dumps(data))
    done = fwgen("report", "p")
    assert done.returncode == 2 and "did not keep" in done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"p", "r.json"}
    assert set(json.loads((tmp_path / "r.json").read_text())) == {"schema", "error"}


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ((), 2, ["target"]),
        ((DIGITS,), 2, ["No board", "fwgen boards"]),
        ((DIGITS, "--tflm", "o.tflite", "--svg", "o.svg"), 2, ["No board"]),
        ((DIGITS, "-b", "corstone-301"), 2, ["corstone-300"]),
        (("missing.tflite",), 3, ["missing.tflite"]),
        (("missing.tflite", "-b", "host"), 3, ["missing.tflite"]),
        (("missing.tflite", "--tflm", "o.tflite"), 3, ["missing.tflite"]),
        ((".", "-b", "host"), 2, ["options are for a model"]),
        ((".",), 2, ["not a project"]),
        ((DIGITS, "-b", "host", "-o", "no/such/folder.html"), 5, ["No such", "no/such"]),
        ((DIGITS, "-b", "host", "-o", "."), 5, ["could not be written"]),
        ((DIGITS, "-b", "host", "-o", "x", "--svg", "./x"), 2, ["another output"]),
        ((DIGITS, "-b", "host", "--tflm", DIGITS), 2, ["already the model"]),
    ],
    ids=lambda value: " ".join(map(str, value))[-40:] if isinstance(value, tuple) else "",
)
def test_mistakes(
    fwgen: Fwgen, tmp_path: Path, args: tuple[object, ...], code: int, words: list[str]
) -> None:
    before = DIGITS.read_bytes()
    done = fwgen("report", *args)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert DIGITS.read_bytes() == before
    assert not list(tmp_path.iterdir())


def test_help_has_examples(fwgen: Fwgen) -> None:
    text = fwgen("report", "--help").stdout
    assert "example:" in text and "--tflm kws_planned.tflite" in text and "--svg" in text


def test_many_ops_stay_legible(fwgen: Fwgen, tmp_path: Path) -> None:
    """Numbers of ops do not run into each other, and the picture is no wider than need be."""
    model = tmp_path / "long.tflite"
    model.write_bytes(chain(tuple(f"t{i}" for i in range(400))))
    data, root, page = reported(fwgen, tmp_path, model, "--board", "host")
    assert f"op 3 ADD and {len(data['peak_ops']) - 4} more" in page
    assert float(root.get("width", "0")) < 3000
    places = [
        float(t.get("x", "0")) for t in root.iter(f"{SVG}text") if (t.text or "").isdecimal()
        and t.get("text-anchor") == "middle"
    ]  # fmt: skip
    assert len(places) > 50
    assert min(b - a for a, b in pairwise(places)) >= 24


def test_moments_of_three_buffers_in_one_place() -> None:
    buffers = (Buffer(100, 0, 2), Buffer(40, 1, 3), Buffer(10, 1, 2), Buffer(5, 2, 3))
    first, second, third = moments(buffers, (0, 80, 90, 0), 3)
    assert (first.live, first.bytes, first.top, first.shared) == ((0,), 100, 100, ())
    assert (second.live, second.bytes, second.top) == ((0, 1, 2), 120, 120)
    assert second.shared == (
        SharedBytes(0, 1, 80, 20),
        SharedBytes(0, 2, 90, 10),
        SharedBytes(1, 2, 90, 10),
    )
    assert (third.bytes, third.top) == (45, 120)
