"""A log file is followed over everything that happens to log files; no line is lost and none comes twice."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from runtime.log_file import LogFile
from ultra.log_files import LINE_BYTES_MAX, Follower, Lines, Records, read_records

FIRST = "2026-03-01T08:00:00 INFO    ultralnk began"


def lines_of(follower: Follower) -> list[str]:
    return [record.line for record in follower.poll()]


def test_lines_come_as_they_are_written_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    follower = Follower(path)
    assert lines_of(follower) == []
    with path.open("ab", buffering=0) as log:
        log.write(b"one\ntw")
        assert lines_of(follower) == ["one"]
        log.write(b"o\n")
        assert lines_of(follower) == ["two"]
        assert lines_of(follower) == []
    follower.close()


def test_a_renamed_file_is_read_to_its_end_and_the_new_one_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    log, follower = LogFile(path), Follower(path)
    log.write_line("one")
    assert lines_of(follower) == ["one"]
    late = path.open("ab", buffering=0)
    log.write_line("two")
    path.rename(tmp_path / "a.log.1")
    assert lines_of(follower) == ["two"]
    late.write(b"three\n")  # by somebody who has not noticed yet
    late.close()
    log.write_line("four")
    assert lines_of(follower) + lines_of(follower) == ["three", "four"]
    log.close()
    follower.close()


def test_a_truncated_file_goes_on_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    log, follower = LogFile(path), Follower(path)
    log.write_line("one, which is long")
    assert lines_of(follower) == ["one, which is long"]
    path.write_bytes(b"")
    log.write_line("two")
    assert lines_of(follower) == ["two"]
    log.close()
    follower.close()


def test_a_removed_file_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("one\n")
    follower = Follower(path)
    assert lines_of(follower) == ["one"]
    path.unlink()
    assert lines_of(follower) + lines_of(follower) == []
    path.write_text("two\n")
    assert lines_of(follower) == ["two"]
    follower.close()


def test_a_traceback_is_part_of_its_record(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(f"{FIRST}\n    │ Traceback\n    │ boom\nodd\n{FIRST}")
    records = list(read_records(path))
    assert [record.line for record in records] == [f"{FIRST}\n    │ Traceback\n    │ boom", "odd", FIRST]
    assert [record.time is None for record in records] == [False, True, False]


@given(st.lists(st.binary(max_size=8)))
def test_pieces_make_the_same_lines_as_the_whole(pieces: list[bytes]) -> None:
    cut, whole = Lines(), Lines()
    found = [line for piece in pieces for line in cut.receive(piece)] + cut.rest()
    assert found == whole.receive(b"".join(pieces)) + whole.rest()


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    lines = Lines()
    assert lines.receive(b"x" * LINE_BYTES_MAX) == []
    assert [len(line) for line in lines.receive(b"y")] == [LINE_BYTES_MAX + 1]
    assert lines.rest() == []


def test_a_continuation_with_nothing_before_it_stands_for_itself() -> None:
    records = Records()
    assert [one.line for one in records.receive(["    │ boom"]) + records.rest()] == ["    │ boom"]
