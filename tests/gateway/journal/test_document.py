"""docs/journal.md against the code: every layout, limit, refusal and reason."""

import re
from struct import Struct, calcsize

import pytest

from gateway.journal import EpochReason, Fsync, limits, record, segment_header, state
from gateway.journal.record import RecordKind
from gateway.journal.refusals import JournalCode
from tests.rules.source_tree import ROOT

PAGE = (ROOT / "docs" / "journal.md").read_text("utf-8")


def part(title: str) -> str:
    """The text under a heading, up to the next one."""
    return re.split(r"^#+ ", PAGE.partition(f"# {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def rows(title: str) -> list[list[str]]:
    """The cells of all table rows under a heading, the heads left out."""
    lines = [line for line in part(title).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = [at for at, row in enumerate(cells) if set("".join(row)) == {"-"}]
    return [row for at, row in enumerate(cells) if at not in rules and at + 1 not in rules]


def layout(title: str) -> list[tuple[int, int]]:
    """Offset and size of each field in a table."""
    return [(int(row[0]), int(row[1])) for row in rows(title) if row[0].isdigit() and row[1].isdigit()]


def layout_of(fields: Struct, crc: bool) -> list[tuple[int, int]]:
    """The same of a format."""
    found, at = [], 0
    for one in re.findall(r"\d*[a-zA-Z]", fields.format.lstrip(">") + ("I" if crc else "")):
        size = calcsize(">" + one)
        for _ in range(1 if one.endswith("s") else int(one[:-1] or 1)):
            found.append((at, calcsize(">" + one[-1]) if not one.endswith("s") else size))
            at += found[-1][1]
    return found


@pytest.mark.parametrize(
    ("title", "fields", "crc"),
    [
        ("Segment", segment_header._FIELDS, True),
        ("State", state._FIELDS, True),
        ("Record", record.RECORD, False),
    ],
)
def test_a_layout_is_that_of_the_code(title: str, fields: Struct, crc: bool) -> None:
    assert layout(title) == layout_of(fields, crc)


def test_magics_versions_and_kinds() -> None:
    assert f"`{segment_header.MAGIC.decode()}`" in part("Segment")
    assert f"`{state.MAGIC.decode()}`" in part("State")
    assert (segment_header.FORMAT_VERSION, state.STATE_VERSION) == (1, 1)
    kinds = ", ".join(f"{kind.value} {kind.name.lower()}" for kind in RecordKind)
    assert kinds in part("Record")
    assert f"at offset 0 and at {state.PLACES[1]} of {state.STATE_FILE_BYTES} bytes" in part("State")


def test_refusals() -> None:
    assert [row[:2] for row in rows("Refusals")] == [[code.code, code.meaning.render()] for code in JournalCode]


def test_reasons_of_a_new_epoch() -> None:
    assert [row[0] for row in rows("A new epoch")] == list(EpochReason)


def test_policies() -> None:
    assert [row[0] for row in rows("What each fsync policy promises")] == [f"`{policy}`" for policy in Fsync]


def test_limits() -> None:
    named = {row[0]: int(row[1]) for row in rows("Limits")}
    assert named == {name: getattr(limits, name) for name in named}
    inner = {"EPOCH_MAX", "NUMBER_MAX", "PIECE_BYTES", "HEADER_BYTES", "BODY_BYTES_MAX_SERVER"}
    assert {name for name in dir(limits) if name.isupper()} == set(named) | inner
