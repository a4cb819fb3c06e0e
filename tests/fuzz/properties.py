"""Tests by hypothesis that stand elsewhere, as targets: bytes choose what hypothesis would draw, and so coverage guides
it (``fuzz_one_input``). Whatever can be said of values, and not only of bytes, is tried in this way.

What a run finds is kept as a test of the values: another version of hypothesis draws others from the same bytes.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tests.fuzz.target import Target
from tests.gateway import test_portcfg
from tests.gateway.journal import test_record
from tests.gateway.links.csta_xml import test_build, test_markup, test_outstanding
from tests.protocol import test_codec, test_filters, test_stream
from tests.runtime import test_toml_places

BYTES_MAX = 8_192
"""Hypothesis takes what it needs of them."""


def of_test(name: str, test: Callable[..., Any]) -> Target:
    """A test made by ``@given``, whose arguments all come from hypothesis."""
    return Target(f"property-{name}", test.hypothesis.fuzz_one_input, drawn, (), BYTES_MAX)  # type: ignore[attr-defined]


def drawn() -> Iterator[bytes]:
    """Nobody knows beforehand what hypothesis makes of bytes: some to begin with."""
    yield bytes(BYTES_MAX // 4)
    yield bytes(range(256)) * (BYTES_MAX // 1024)


TARGETS = (
    of_test("events", test_codec.test_mutated_bytes_never_raise),
    of_test("filters", test_filters.test_a_filtered_mirror_holds_the_filtered_state),
    of_test(
        "filters-of-agents-and-queues",
        test_filters.test_a_filtered_mirror_of_agents_and_queues_holds_the_filtered_state,
    ),
    of_test("catching-up", test_stream.test_catching_up_gives_what_live_would_have),
    of_test("messages", test_build.test_every_message_comes_back_equal),
    of_test("markup", test_markup.test_a_message_damaged_anywhere_is_read_as_by_the_parser),
    of_test("answers", test_outstanding.test_exactly_one_answer),
    of_test("ports", test_portcfg.test_ports_written_are_read_back),
    of_test(
        "records",
        test_record.test_no_flipped_bit_goes_unnoticed_and_no_whole_record_is_taken_for_one_cut_short,
    ),
    of_test("toml-places", test_toml_places.test_every_key_that_tomli_reads_has_the_line_it_was_written_in),
)
