"""A place in a stream survives the process that had it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ids import EventId
from protocol.client.place_file import LINE_BYTES, NoPlace, PlaceFile

WHOLE = st.integers(0, 2**64 - 1)


@given(st.lists(st.builds(EventId, WHOLE, WHOLE), min_size=1))
def test_the_last_place_kept_is_found_again(tmp_path_factory: pytest.TempPathFactory, places: list[EventId]) -> None:
    path = tmp_path_factory.mktemp("place") / "place"
    with PlaceFile(path) as file:
        assert file.place is None
        for place in places:
            file.keep(place)
    with PlaceFile(path) as file:
        assert file.place == places[-1]
    assert path.stat().st_size == LINE_BYTES


@pytest.mark.parametrize("content", ["something else\n", "1:2:3", "1", "é", "1:2 and more of a file" * 9])
def test_a_file_of_another_kind_is_refused_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "place"
    path.write_text(content, "utf-8")
    with pytest.raises(NoPlace, match="EPOCH:NUMBER"):
        PlaceFile(path)
    assert path.read_text("utf-8") == content


def test_a_place_written_by_hand_is_read(tmp_path: Path) -> None:
    path = tmp_path / "place"
    path.write_text("7:12\n", "ascii")
    with PlaceFile(path) as file:
        assert file.place == EventId(7, 12)
