"""The project folder: whole old or whole new, whatever fails on the way."""

import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from fwgen.errors import FwgenError, ToolError, UsageError
from fwgen.project.folder import describe, write
from fwgen.project.kept import MARKER


def project(note: str, files: dict[str, bytes], *, hashes: bool = True) -> dict[str, bytes]:
    """The files with a marker as fwgen writes it."""
    marker: dict[str, object] = {"schema": 1, "fwgen": note, "model": {}, "board": "b"}
    marker |= {"build_id": "0", "memory": {}}
    if hashes:
        marker["files"] = {p: hashlib.sha256(c).hexdigest() for p, c in files.items()}
    return {**files, MARKER: json.dumps(marker).encode()}


OLD = project("old", {"src/a.c": b"a", "src/gone.c": b"x", "same.txt": b"same"})
NEW = project("new", {"src/a.c": b"b", "new/n.c": b"n", "same.txt": b"same"})


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


MINE = {
    "notes.txt": b"mine", ".git/HEAD": b"ref", ".git/objects/ab/cd": b"o", ".gitignore": b"build",
    "src/mine.c": b"int mine;", "user/deep/er/x.c": b"x", "src/build/y": b"y",
}  # fmt: skip


def put(out: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_bytes(content)


def contents(out: Path) -> dict[str, bytes]:
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def test_files_that_fwgen_did_not_write_are_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out, OLD)
    put(out, MINE)
    (out / "empty" / "folder").mkdir(parents=True)
    (out / "link").symlink_to("/nonexistent/elsewhere")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "precious").write_bytes(b"p")
    (out / "folder_link").symlink_to(tmp_path / "other")
    for files in (OLD, NEW, OLD):
        kept = write(out, files)
        assert {*MINE, "empty/folder", "link", "folder_link"} == {*kept.foreign}
        assert contents(out) == {**files, **MINE, "src/mine.c": b"int mine;"}
        assert (out / "empty" / "folder").is_dir()
        assert os.readlink(out / "link") == "/nonexistent/elsewhere"
        assert os.readlink(out / "folder_link") == str(tmp_path / "other")
    assert contents(tmp_path / "other") == {"precious": b"p"}
    inode = out.stat().st_ino
    write(out, OLD)
    assert out.stat().st_ino == inode, "nothing changed, nothing may be written"


def edit(out: Path) -> None:
    (out / "src" / "a.c").write_bytes(b"edited")


def edit_what_goes(out: Path) -> None:
    (out / "src" / "gone.c").write_bytes(b"edited")


def take_a_name(out: Path) -> None:
    put(out, {"new/n.c": b"edited"})


def take_a_folder(out: Path) -> None:
    put(out, {"new": b"edited"})


def take_a_name_with_a_folder(out: Path) -> None:
    put(out, {"new/n.c/inside": b"edited"})


def link_a_file(out: Path) -> None:
    (out.parent / "elsewhere").write_bytes(b"edited")
    (out / "src" / "a.c").unlink()
    (out / "src" / "a.c").symlink_to(out.parent / "elsewhere")


def link_a_folder(out: Path) -> None:
    (out / "src").rename(out.parent / "elsewhere")
    (out / "src").symlink_to(out.parent / "elsewhere")
    edit(out)


WAYS = [
    edit, edit_what_goes, take_a_name, take_a_folder, take_a_name_with_a_folder, link_a_file,
    link_a_folder,
]  # fmt: skip


@pytest.mark.parametrize("change", WAYS)
def test_what_is_in_the_way_is_refused_or_set_aside(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    out = tmp_path / "out"
    write(out, OLD)
    change(out)
    before = contents(tmp_path)
    with pytest.raises(UsageError, match="changed since fwgen wrote them") as caught:
        write(out, NEW)
    assert contents(tmp_path) == before, "a refusal may not touch anything"
    assert "--force" in str(caught.value)
    for _ in range(2):
        write(out, NEW, force=True)
        assert NEW.items() <= contents(out).items()
        assert b"edited" in {**contents(out), **contents(tmp_path)}.values(), "lost"
        assert not os.path.islink(out / "src")
    write(out, OLD)
    assert b"edited" in contents(tmp_path).values(), "lost later"


def test_edits_that_are_set_aside_do_not_replace_one_another(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out, OLD)
    for content in (b"1", b"2", b"3"):
        (out / "src" / "a.c").write_bytes(content)
        write(out, OLD, force=True)
    assert {b"1", b"2", b"3"} < {*contents(out).values()}


def test_at_most_ten_edited_files_are_named(tmp_path: Path) -> None:
    files = project("many", {f"f{n:02}": b"x" for n in range(30)})
    write(tmp_path / "out", files)
    put(tmp_path / "out", {f"f{n:02}": b"y" for n in range(30)})
    with pytest.raises(UsageError, match=r"f00, .*f09 and 20 more"):
        write(tmp_path / "out", files)


def test_a_project_without_hashes_is_not_replaced_blindly(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out, project("old", {"src/a.c": b"a", "src/b.c": b"b"}, hashes=False))
    with pytest.raises(UsageError, match=r"src/a\.c"):
        write(out, NEW)
    write(out, NEW, force=True)
    assert contents(out) == {**NEW, "src/a.c.orig": b"a", "src/b.c": b"b"}


@pytest.mark.parametrize(
    "marker",
    [
        b"", b"{", b"[]", b"null", b'{"schema": 1}', b'{"schema": 99}', b'{"version": "2.0"}',
        b"[" * 100_000, b'{"schema": 1, "fwgen": "x", "model": "m", "board": 3}', b"\xff",
    ],
)  # fmt: skip
def test_a_folder_is_not_ours_for_a_file_called_fwgen_json(tmp_path: Path, marker: bytes) -> None:
    out = tmp_path / "out"
    put(out, {**MINE, MARKER: marker})
    for force in (False, True):
        with pytest.raises(UsageError, match="not a project of fwgen"):
            write(out, NEW, force)
    assert contents(out) == {**MINE, MARKER: marker}


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
    monkeypatch.setattr("fwgen.project.folder.os.rename", wrap(os.rename))
    import shutil

    monkeypatch.setattr("fwgen.project.folder.shutil.copy2", wrap(shutil.copy2))
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
        put(out, MINE)
        child = os.fork()
        if child == 0:
            try:
                patch = pytest.MonkeyPatch()
                kill_nth(patch, n)
                write(out, NEW)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        assert contents(out) in ({**OLD, **MINE}, {**NEW, **MINE})
        write(out, NEW)
        assert contents(out) == {**NEW, **MINE}
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
    monkeypatch.setattr("fwgen.project.folder.os.rename", wrap(os.rename))
    monkeypatch.setattr("fwgen.project.folder.shutil.copy2", wrap(shutil.copy2))
    monkeypatch.setattr("fwgen.project.folder.shutil.rmtree", wrap(shutil.rmtree))


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
