"""The project folder: whole old or whole new, whatever fails on the way."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from fwgen.errors import FwgenError, ToolError, UsageError
from fwgen.render import MARKER
from fwgen.render.folder import describe, write

OLD = {MARKER: b'{"schema": 1}', "src/a.c": b"a", "src/gone.c": b"x", "same.txt": b"same"}
NEW = {MARKER: b'{"schema": 1, "new": 1}', "src/a.c": b"b", "new/n.c": b"n", "same.txt": b"same"}


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(root)): p.read_bytes()
        for p in sorted(root.rglob("*"))
        if p.is_file() and "build" not in p.relative_to(root).parts
    }


def test_new_old_and_unchanged(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    write(out, OLD)
    assert tree(out) == OLD
    (out / "build").mkdir()
    (out / "build" / "object.o").write_bytes(b"o")
    times = (out / "same.txt").stat().st_mtime_ns
    write(out, NEW)
    assert tree(out) == NEW
    assert (out / "build" / "object.o").read_bytes() == b"o"
    assert (out / "same.txt").stat().st_mtime_ns == times
    inode = out.stat().st_ino
    write(out, NEW)
    assert out.stat().st_ino == inode, "nothing changed, nothing may be written"
    assert os.listdir(out.parent) == ["out"], "staging folders must not stay"


def test_edited_and_foreign_files_are_put_right(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out, OLD)
    (out / "src" / "a.c").write_bytes(b"edited")
    (out / "stray.c").write_bytes(b"stray")
    write(out, OLD)
    assert tree(out) == OLD


def make_file(out: Path) -> None:
    out.write_bytes(b"precious")


def make_folder(out: Path) -> None:
    out.mkdir()
    (out / "thesis.tex").write_bytes(b"precious")


def make_link_to_file(out: Path) -> None:
    (out.parent / "target").write_bytes(b"precious")
    out.symlink_to(out.parent / "target")


def make_dangling_link(out: Path) -> None:
    out.symlink_to(out.parent / "nowhere")


@pytest.mark.parametrize("make", [make_file, make_folder, make_link_to_file, make_dangling_link])
def test_refuses_what_is_not_ours(tmp_path: Path, make: Callable[[Path], None]) -> None:
    out = tmp_path / "out"
    make(out)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with pytest.raises(UsageError):
        write(out, NEW)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_refuses_current_folder_and_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for out in (Path("."), tmp_path, Path("/")):
        with pytest.raises(UsageError):
            write(out, NEW)
    assert list(tmp_path.iterdir()) == []


def test_follows_a_link_to_a_project(tmp_path: Path) -> None:
    write(tmp_path / "real", OLD)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link", NEW)
    assert (tmp_path / "link").is_symlink()
    assert tree(tmp_path / "real") == NEW


def test_a_path_below_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FwgenError):
        write(tmp_path / "file" / "out", NEW)


CALLS = ("mkdir", "write_bytes", "rename", "rmdir", "copy2", "exchange")


def fail_nth(monkeypatch: pytest.MonkeyPatch, n: int) -> list[int]:
    """Make the n-th file-changing call fail as on a full disk; returns a one-element call count."""
    count = [0]

    def wrap(original: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            count[0] += 1
            if count[0] == n:
                raise OSError(28, "No space left on device", str(args[0]))
            return original(*args, **kwargs)

        return call

    monkeypatch.setattr(Path, "mkdir", wrap(Path.mkdir))
    monkeypatch.setattr(Path, "write_bytes", wrap(Path.write_bytes))
    monkeypatch.setattr("fwgen.render.folder.os.rename", wrap(os.rename))
    import shutil

    monkeypatch.setattr("fwgen.render.folder.shutil.copy2", wrap(shutil.copy2))
    return count


def test_disk_full_at_every_step_leaves_the_old_project(tmp_path: Path) -> None:
    failures = 0
    for n in range(1, 100):
        out = tmp_path / str(n) / "out"
        write(out, OLD)
        with pytest.MonkeyPatch.context() as patch:
            count = fail_nth(patch, n)
            try:
                write(out, NEW)
            except ToolError as error:
                failures += 1
                assert "No space left" in str(error)
        if count[0] < n:
            assert tree(out) == NEW
            break
        assert tree(out) == OLD
        assert os.listdir(out.parent) == ["out"]
    assert failures >= 6


def test_killed_at_every_step_is_old_or_new(tmp_path: Path) -> None:
    """SIGKILL at the n-th file operation: a whole project stays, and the next write mends all."""
    for n in range(1, 100):
        out = tmp_path / str(n) / "out"
        write(out, OLD)
        child = os.fork()
        if child == 0:
            try:
                patch = pytest.MonkeyPatch()
                kill_nth(patch, n)
                write(out, NEW)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        assert tree(out) in (OLD, NEW)
        write(out, NEW)
        assert tree(out) == NEW
        assert os.listdir(out.parent) == ["out"]
        if not os.WIFSIGNALED(status):
            assert n > 6
            break


def kill_nth(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    import shutil

    count = [0]

    def wrap(original: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            count[0] += 1
            if count[0] == n:
                os.kill(os.getpid(), 9)
            return original(*args, **kwargs)

        return call

    monkeypatch.setattr(Path, "mkdir", wrap(Path.mkdir))
    monkeypatch.setattr(Path, "write_bytes", wrap(Path.write_bytes))
    monkeypatch.setattr("fwgen.render.folder.os.rename", wrap(os.rename))
    monkeypatch.setattr("fwgen.render.folder.shutil.copy2", wrap(shutil.copy2))
    monkeypatch.setattr("fwgen.render.folder.shutil.rmtree", wrap(shutil.rmtree))


def test_unwritable_parent_is_a_sentence(tmp_path: Path) -> None:
    if os.geteuid() == 0:  # root writes anywhere; a file in the way does as well
        (tmp_path / "locked").write_bytes(b"")
    else:
        (tmp_path / "locked").mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(FwgenError):
        write(tmp_path / "locked" / "out", NEW)


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b'{"schema": 99}', b'{"a": 1}', b"\xff"]
)
def test_describe_refuses_what_is_no_project(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / MARKER).write_bytes(content)
    with pytest.raises(UsageError, match="not a project of fwgen"):
        describe(tmp_path)
