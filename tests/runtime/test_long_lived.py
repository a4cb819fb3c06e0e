"""What is put aside, when, and that nothing is lost in it for ever."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from runtime.long_lived import ARRIVALS_MIN, GONE_MAX, LongLived


class Session:
    """Something that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def nothing_put_aside() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_arrivals_are_put_aside_once_they_have_calmed_down() -> None:
    long_lived = LongLived()
    long_lived.tick(ARRIVALS_MIN - 1, 0)
    long_lived.tick(ARRIVALS_MIN, 0)
    assert gc.get_freeze_count() == 0, "somebody came since the call before"
    long_lived.tick(ARRIVALS_MIN, 0)
    assert gc.get_freeze_count() > 0


def test_a_few_arrivals_are_not_worth_it() -> None:
    long_lived = LongLived()
    for _ in range(3):
        long_lived.tick(ARRIVALS_MIN - 1, 0)
    assert gc.get_freeze_count() == 0


def test_what_is_put_aside_is_not_looked_at_until_many_have_gone() -> None:
    long_lived = LongLived()
    session = Session()
    gone = weakref.ref(session)
    for _ in range(2):
        long_lived.tick(ARRIVALS_MIN, 0)
    del session
    gc.collect()
    for _ in range(2):
        long_lived.tick(ARRIVALS_MIN, GONE_MAX - 1)
    assert gone() is not None, "put aside"
    long_lived.tick(GONE_MAX, GONE_MAX)
    assert gone() is not None, "somebody came since the call before"
    long_lived.tick(GONE_MAX, GONE_MAX)
    assert gone() is None
    assert gc.get_freeze_count() > 0, "and what is there is put aside again"
