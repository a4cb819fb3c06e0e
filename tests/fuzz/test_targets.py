"""Each fuzz target on its good inputs, on those that once broke it, and on a hundred mutated ones: the short form."""

import linecache
import random
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.fuzz.catalogue import BYTES_TARGETS, TARGETS
from tests.fuzz.target import FOUND, Script, Target, cut, scripted
from tests.rules.source_tree import ROOT

EXAMPLES = 100
"""Of each target: a second."""
SHORT_BYTES, LONG_BYTES = 1_000, 6_000
GROWTH_TOLERATED = 1.5
"""Sorting, and the steps of an input that is turned away early."""
LINES_ANYWAY = 1_000
BYTES_HELD_PER_BYTE = 1_200
"""A file of nothing but `[[user]]` has six mistakes in nine bytes, each an object, and told in two languages here."""
BYTES_HELD_ANYWAY = 2_000_000
"""Caches, which are bounded on their own."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What is logged of every bad input is nothing to read."""
    with capture_logs():
        yield


each_target = pytest.mark.parametrize("target", BYTES_TARGETS, ids=lambda target: target.name)


@each_target
def test_good_inputs_and_those_that_once_broke_it(target: Target) -> None:
    seeds = list(target.seeds())
    assert seeds
    for seed in seeds:
        target.check(seed)
    for path in target.found():
        target.check(path.read_bytes())


@each_target
def test_mutated_inputs(target: Target) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(mutated(list(target.seeds()), target.words))
    def check(tried: bytes) -> None:
        target.check(tried)

    check()


@st.composite
def mutated(draw: st.DrawFn, seeds: list[bytes], words: tuple[bytes, ...]) -> bytes:
    """A good input with some of its bytes replaced, left out, doubled, or with words put in; or any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    content = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 8))
        put = draw(
            st.one_of(st.binary(max_size=8), st.sampled_from([*words, b""]), st.just(bytes(content[at : at + 40])))
        )
        content[at : at + length] = put
    return bytes(content)


@each_target
def test_what_an_input_costs_is_in_proportion_to_its_length(target: Target) -> None:
    """Of memory the most that is held at a time; of time the lines of ours that run, which no busy machine changes."""
    assert list(target.long(SHORT_BYTES))
    costs_are_in_proportion(target)


def costs_are_in_proportion(target: Target) -> None:
    for short, long in zip(target.long(SHORT_BYTES), target.long(LONG_BYTES), strict=True):
        target.check(long)  # what is made once and kept is made now
        growth = len(long) / len(short)
        lines_short, lines_long = _lines_run(target, short), _lines_run(target, long)
        assert lines_long <= GROWTH_TOLERATED * growth * (lines_short + LINES_ANYWAY), (
            long[:80],
            lines_short,
            lines_long,
        )
        tracemalloc.start()
        try:
            target.check(long)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < BYTES_HELD_ANYWAY + BYTES_HELD_PER_BYTE * len(long), (long[:80], peak)


def _lines_run(target: Target, tried: bytes) -> int:
    """How many lines of this project run for an input."""
    count = 0

    def each_line(frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return each_line

    def each_call(frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        return each_line if frame.f_code.co_filename.startswith(str(ROOT)) else None

    before = sys.gettrace()
    sys.settrace(each_call)
    try:
        target.check(tried)
    finally:
        sys.settrace(before)
        linecache.clearcache()
    return count


def test_each_target_has_a_name_of_its_own_and_what_was_found_belongs_to_one() -> None:
    assert len({target.name for target in BYTES_TARGETS}) == len(BYTES_TARGETS)
    assert {path.name for path in FOUND.iterdir()} <= {target.name for target in BYTES_TARGETS}
    assert len(TARGETS) > len(BYTES_TARGETS)


def test_a_script_takes_no_more_than_there_is() -> None:
    script = Script(scripted((7, b"abc"), b"\x01", (2, b"")))
    taken = [(step, script.piece() if step != 1 else b"") for step in script.steps()]
    assert taken == [(7, b"abc"), (1, b""), (2, b"")]
    assert list(Script(b"\0" * 1_000).steps()) == [0] * 64
    assert Script(b"\xff\xffab").piece() == b"ab"
    assert list(cut(b"abcde", 2)) == [b"ab", b"cd", b"e"]


def _looks_at_pairs(tried: bytes) -> None:
    pairs = 0
    for _ in tried:
        for _ in tried:
            pairs += 1


def _holds_much(tried: bytes) -> None:
    assert [bytes(4 * BYTES_HELD_PER_BYTE) for _ in tried]


@pytest.mark.parametrize("check", [_looks_at_pairs, _holds_much])
def test_a_cost_out_of_proportion_is_noticed(check: Callable[[bytes], None]) -> None:
    def long(length: int) -> Iterator[bytes]:
        yield bytes(length // 5)

    costs_are_in_proportion(Target("planted", len, lambda: (), long=long))
    with pytest.raises(AssertionError):
        costs_are_in_proportion(Target("planted", check, lambda: (), long=long))


def test_a_target_that_does_not_hold_is_noticed() -> None:
    def check(tried: bytes) -> None:
        assert b"<!" not in tried

    dice = random.Random(1)
    seeds = [dice.randbytes(20) for _ in range(3)]

    @settings(max_examples=EXAMPLES, derandomize=True, database=None)
    @given(mutated(seeds, (b"<!",)))
    def run(tried: bytes) -> None:
        check(tried)

    with pytest.raises(AssertionError):
        run()
