"""Identities: their text forms, their order, and what is no identity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ids import EventId

whole = st.integers(0, 2**64 - 1)


@given(epoch=whole, number=whole)
def test_what_is_printed_can_be_read(epoch: int, number: int) -> None:
    assert EventId.parse(str(EventId(epoch, number))) == EventId(epoch, number)


def test_the_text_is_epoch_colon_number() -> None:
    assert str(EventId(1795402731, 42)) == "1795402731:42"


@pytest.mark.parametrize(
    "text",
    ["", ":", "1", "1:", ":1", "1:2:3", "-1:2", "1:-2", " 1:2", "1:2 ", "1: 2", "1.0:2", "a:2", "0x1:2", "1:²", "١:٢"],
)
def test_anything_else_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="expected EPOCH:NUMBER") as refused:
        EventId.parse(text)
    assert repr(text) in str(refused.value)


@given(ids=st.lists(st.tuples(whole, whole)))
def test_the_order_is_the_stream_s_the_epoch_first(ids: list[tuple[int, int]]) -> None:
    """An earlier epoch is earlier whatever its numbers: the first call of a story is found by ``min``."""
    assert sorted(EventId(*one) for one in ids) == [EventId(*one) for one in sorted(ids)]
    assert EventId(1, 9_999) < EventId(2, 1)
