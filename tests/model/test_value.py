"""Values: nobody may change them (mypy says so, the running program pays nothing), equal by content, hashable."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from model.value import ordered_value, value
from tests.rules.source_tree import ROOT


@value
class Party:
    number: str
    trunk: str = ""


@ordered_value
class Place:
    epoch: int
    number: int


SNIPPET = """
from model.value import ordered_value, value

@value
class Party:
    number: str
    trunk: str = ""

@ordered_value
class Place:
    epoch: int

party, place = Party("8001"), Place(1)
{line}
"""


def mypy_on(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """mypy's opinion of a line about ``party`` and ``place``."""
    snippet = folder / "snippet.py"
    snippet.write_text(SNIPPET.format(line=line), encoding="utf-8")
    checker = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(folder.parent / "cache")]
    return subprocess.run([*checker, str(snippet)], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('party.number = "8002"', 'Property "number" defined in "Party" is read-only'),
        ("place.epoch = 2", 'Property "epoch" defined in "Place" is read-only'),
        ("Party()", 'Missing positional argument "number"'),
        ("Party(8001)", 'Argument 1 to "Party" has incompatible type "int"; expected "str"'),
        ("party < party", "Unsupported left operand type for <"),
    ],
)
def test_the_type_checker_refuses(line: str, complaint: str, tmp_path: Path) -> None:
    checked = mypy_on(line, tmp_path)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert complaint in checked.stdout


def test_the_type_checker_takes_what_a_value_can(tmp_path: Path) -> None:
    checked = mypy_on(
        "from dataclasses import replace\nreplace(party, number=str(place < place))\nhash(party)", tmp_path
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_equal_by_content_and_hashable() -> None:
    assert Party("8001", "T001") == Party("8001", "T001") != Party("8001")
    assert len({Party("8001"), Party("8001"), Party("8002")}) == 2
    assert {Place(1, 2): "here"}[Place(1, 2)] == "here"


def test_a_changed_one_is_another_one() -> None:
    before = Party("8001", "T001")
    after = replace(before, number="8002")
    assert (before, after) == (Party("8001", "T001"), Party("8002", "T001"))


def test_slotted_so_a_misspelt_name_is_no_new_field() -> None:
    with pytest.raises(AttributeError):
        Party("8001").numbre = "8002"  # type: ignore[attr-defined]
    assert not hasattr(Party("8001"), "__dict__")


def test_only_an_ordered_value_sorts_by_its_fields_in_their_order() -> None:
    assert sorted([Place(2, 1), Place(1, 9), Place(1, 2)]) == [Place(1, 2), Place(1, 9), Place(2, 1)]
    with pytest.raises(TypeError):
        sorted([Party("8002"), Party("8001")])  # type: ignore[type-var]
