"""Files that are no models or cannot be read: one sentence each, never a hang."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fwgen import source
from fwgen.cli import main
from fwgen.errors import ModelError
from fwgen.model import reader
from fwgen.model.reader import MAX_FILE_BYTES, load_model
from tests.conftest import OWN_MODELS
from tests.tflite_models.small import small_model, write

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"", "it is empty"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"PK\x03\x04" + bytes(30), "zip archive"),
        (b"\x08\x07\x12\x07pytorch", "ONNX"),
        (b"\x08\x01\x12\x07", "saved_model.pb"),
        (b"\n\n<!DOCTYPE html>", "HTML"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\x1c\x00\x00\x00TFL2" + bytes(30), "1c 00 00 00 54 46 4c 32 00"),
        (b"TFL3", "54 46 4c 33"),
    ],
)
def test_what_else_a_file_may_be(start: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "small.tflite"
    path.write_bytes(start)
    with pytest.raises(ModelError, match=r"This is not a \.tflite model: ") as caught:
        load_model(path)
    assert what in caught.value.what


def unreadable(tmp_path: Path) -> dict[str, tuple[Path, str]]:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").touch()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with (tmp_path / "huge.tflite").open("wb") as huge:
        huge.write(write(small_model()))
        huge.truncate(2 << 30)
    return {
        "missing": (tmp_path / "none.tflite", "No such file"),
        "folder": (tmp_path, "but this is a folder"),
        "saved model": (tmp_path / "saved", "but this is a TensorFlow SavedModel"),
        "pipe": (tmp_path / "pipe", "neither a file nor a link"),
        "device": (Path("/dev/zero"), "neither a file nor a link"),
        "loop": (tmp_path / "loop", "cannot be read: "),
        "nul": (tmp_path / "a\0b", "cannot be read: "),
        "bytes": (tmp_path / os.fsdecode(b"\xff.tflite"), "No such file"),
        "surrogate": (tmp_path / "\ud800.tflite", "cannot be read: "),
        "long": (tmp_path / ("x" * 5000), "cannot be read: "),
        "huge": (tmp_path / "huge.tflite", f"reads models of at most {MAX_FILE_BYTES:,}"),
    }


@pytest.mark.parametrize(
    "case",
    [
        *("missing", "folder", "saved model", "pipe", "device", "loop"),
        *("nul", "bytes", "surrogate", "long", "huge"),
    ],
)
def test_unreadable_files(case: str, tmp_path: Path) -> None:
    path, sentence = unreadable(tmp_path)[case]
    with pytest.raises(ModelError) as caught:
        load_model(path)
    assert sentence in caught.value.what
    str(caught.value).encode()


def test_unreadable_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "small.tflite"
    path.write_bytes(write(small_model()))

    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(ModelError, match=r"The model cannot be read: Permission denied\."):
        load_model(path)


def test_a_source_owns_what_it_read(tmp_path: Path) -> None:
    """The file may go or change once it is read: a project has the bytes that were read."""
    path = tmp_path / "m.tflite"
    path.write_bytes(DIGITS.read_bytes())
    found = source.read(path)
    path.unlink()
    assert found.files == {source.MODEL: DIGITS.read_bytes()}
    assert found.graph.sha256 == found.file.found.sha256


@pytest.mark.parametrize(
    "words",
    [
        ("build", str(DIGITS), "-b", "host", "--no-compile", "-o", "project"),
        ("build", str(DIGITS), "-b", "corstone-300", "--npu", "ethos-u55-128", "--dump", "plan"),
        ("report", str(DIGITS), "-b", "host", "--tflm", "planned.tflite"),
        ("report", str(DIGITS), "--tflm", "planned.tflite"),
        ("inspect", str(DIGITS)),
    ],
    ids=lambda words: " ".join(words[:1] + words[2:]),
)
def test_a_command_reads_a_model_once(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    real = reader._read_file

    def counted(path: Path, shown: str) -> bytes:
        opened.append(path)
        return real(path, shown)

    monkeypatch.setattr(reader, "_read_file", counted)
    monkeypatch.chdir(tmp_path)
    assert main(words) == 0
    assert opened == [DIGITS]
