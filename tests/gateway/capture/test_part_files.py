"""Files of captures: made for the few, found in their order, the oldest gone first."""

from pathlib import Path

import pytest

from gateway.capture.part_files import PartFile, make_room, parts_in


def part(folder: Path, number: int, size: int) -> Path:
    file = PartFile(folder / f"capture-20260101T000000-{number:06}.ultracap")
    file.write(bytes(size))
    file.close()
    return file.path


def test_a_part_is_not_for_everybody_and_never_overwrites(tmp_path: Path) -> None:
    path = part(tmp_path / "new", 1, 10)
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.parent.stat().st_mode & 0o777 == 0o750
    with pytest.raises(FileExistsError):
        PartFile(path)


def test_what_is_flushed_can_be_read(tmp_path: Path) -> None:
    file = PartFile(tmp_path / "capture-x.ultracap")
    file.write(b"abc")
    file.flush()
    assert (file.path.read_bytes(), file.size) == (b"abc", 3)
    file.abandon()


def test_the_oldest_go_until_the_rest_is_small_enough(tmp_path: Path) -> None:
    parts = [part(tmp_path, number, 100) for number in range(5)]
    (tmp_path / "notes.txt").write_text("mine")
    make_room(tmp_path, 250)
    assert parts_in(tmp_path) == parts[3:]
    make_room(tmp_path, 250)
    assert parts_in(tmp_path) == parts[3:]
    assert (tmp_path / "notes.txt").exists()
    make_room(tmp_path / "nowhere", 250)
