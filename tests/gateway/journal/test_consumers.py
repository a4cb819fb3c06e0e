"""Places of durable consumers: they only go on, and what cannot be believed counts as none."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.consumers import (
    CONSUMERS_NAME,
    Consumers,
    read_places,
    recall_consumers,
    remember_consumers,
)
from gateway.journal.limits import CONSUMERS_MAX
from tests.gateway.journal.stage import EPOCH


def test_a_place_only_goes_on() -> None:
    consumers = Consumers(["cdr"], EPOCH, {})
    assert consumers.places == {"cdr": 0}
    assert consumers.confirm("cdr", 5)
    assert not consumers.confirm("cdr", 5)
    assert not consumers.confirm("cdr", 3)
    assert consumers.places == {"cdr": 5}
    with pytest.raises(KeyError):
        consumers.confirm("nobody", 5)


def test_places_are_remembered_for_the_names_in_the_settings(tmp_path: Path) -> None:
    consumers = Consumers(["cdr", "former"], EPOCH, {})
    consumers.confirm("cdr", 7)
    assert consumers.is_changed
    remember_consumers(tmp_path, consumers)
    assert not consumers.is_changed
    recalled, said = recall_consumers(tmp_path, ["cdr", "fresh"], EPOCH)
    assert (recalled.places, said) == ({"cdr": 7, "fresh": 0}, None)


def test_in_another_epoch_every_place_is_at_the_beginning(tmp_path: Path) -> None:
    consumers = Consumers(["cdr"], EPOCH, {"cdr": 7})
    remember_consumers(tmp_path, consumers)
    recalled, said = recall_consumers(tmp_path, ["cdr"], EPOCH + 1)
    assert (recalled.places, said) == ({"cdr": 0}, None)
    consumers.begin(EPOCH + 1)
    assert consumers.places == {"cdr": 0}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"epoch": 1}',
        b'{"epoch": 1, "consumers": 7}',
        b'{"epoch": 1, "consumers": {"cdr": -1}}',
        b'{"epoch": 1, "consumers": {"cdr": true}}',
        b'{"epoch": 1, "consumers": {"cdr": 1.5}}',
        b'{"epoch": 1, "consumers": {"cdr": 9999999999999999999999}}',
        b"[" * 60_000,
    ],
)
def test_what_is_no_such_file_keeps_everything_and_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CONSUMERS_NAME).write_bytes(content)
    recalled, said = recall_consumers(tmp_path, ["cdr"], 1)
    assert recalled.places == {"cdr": 0}
    assert said is not None


@given(st.binary(max_size=100))
def test_any_bytes_are_read_without_an_error(junk: bytes) -> None:
    read_places(junk, 1)


def test_no_file_is_a_first_start(tmp_path: Path) -> None:
    recalled, said = recall_consumers(tmp_path, ["cdr"], EPOCH)
    assert (recalled.places, said) == ({"cdr": 0}, None)


def test_more_consumers_than_any_site_has_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="at most"):
        Consumers([f"c{at}" for at in range(CONSUMERS_MAX + 1)], EPOCH, {})
