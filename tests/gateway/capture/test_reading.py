"""Which files are meant, and how they end."""

from pathlib import Path

import pytest

from gateway.capture.layout import END, BadCapture, opening, pack_record
from gateway.capture.reading import PartReader, Rest, files_of

WHOLE = opening() + pack_record(20, b"x") + pack_record(END, b"capture-2.ultracap")


def test_a_folder_stands_for_its_parts(tmp_path: Path) -> None:
    names = [tmp_path / f"capture-{number}.ultracap" for number in (2, 1)]
    for name in names:
        name.write_bytes(WHOLE)
    assert files_of((tmp_path,)) == sorted(names)
    assert files_of((names[0], names[1])) == names


@pytest.mark.parametrize(("name", "text"), [("gone", "no such file"), ("", "no part of a capture is in this folder")])
def test_what_is_not_there_is_said(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(BadCapture, match=text):
        files_of((tmp_path / name,))


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadCapture, match="it cannot be read"):
        PartReader(tmp_path)


def test_a_growing_file_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "capture-1.ultracap"
    path.write_bytes(WHOLE[:15])
    part = PartReader(path)
    assert list(part.records()) == []
    assert part.rest == Rest(False, "", 5)
    with path.open("ab") as file:
        file.write(WHOLE[15:])
    assert [record.kind for record in part.records()] == [20, END]
    assert part.rest == Rest(True, "capture-2.ultracap", 0)
    part.close()


def test_nothing_comes_behind_the_end(tmp_path: Path) -> None:
    path = tmp_path / "capture-1.ultracap"
    path.write_bytes(WHOLE + pack_record(20, b"y"))
    part = PartReader(path)
    with pytest.raises(BadCapture, match="behind the part's end"):
        list(part.records())
    part.close()
