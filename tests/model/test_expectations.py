"""Which request caused an event: what an accepted command makes us expect, who claims it, and for how long."""

import pytest

from model.commands import CommandKind
from model.events import CallEventKind as Event
from model.expectations import EFFECTS, EXPECTED_US, Expectations
from model.ids import DeviceNumber, Microseconds, RequestRef
from tests.model.transcript import Stage

DEVICE, OTHER = DeviceNumber("8001"), DeviceNumber("8002")
FIRST, SECOND = RequestRef(1, 7), RequestRef(2, 7)
NOW = Microseconds(1_000_000)


@pytest.fixture
def expectations() -> Expectations:
    return Expectations()


@pytest.mark.parametrize(
    ("kind", "event"), [(kind, event) for kind, events in EFFECTS.items() for event in events], ids=lambda one: one.name
)
def test_each_effect_of_a_command_is_claimed_once(kind: CommandKind, event: Event, expectations: Expectations) -> None:
    expectations.add(FIRST, kind, DEVICE, NOW)
    assert expectations.claim(event, DEVICE, NOW) == FIRST
    assert expectations.claim(event, DEVICE, NOW) is None


@pytest.mark.parametrize("kind", [kind for kind in CommandKind if kind not in EFFECTS], ids=lambda kind: kind.name)
def test_some_commands_make_no_call_event_of_the_device(kind: CommandKind, expectations: Expectations) -> None:
    """What they do is another device's event, or a device's flag: nothing may be claimed by chance."""
    expectations.add(FIRST, kind, DEVICE, NOW)
    assert {expectations.claim(event, DEVICE, NOW) for event in Event} == {None}


def test_nothing_is_expected_without_a_command(expectations: Expectations) -> None:
    assert expectations.claim(Event.HELD, DEVICE, NOW) is None


def test_neither_another_device_nor_another_event_claims_it(expectations: Expectations) -> None:
    expectations.add(FIRST, CommandKind.HOLD_CALL, DEVICE, NOW)
    assert expectations.claim(Event.HELD, OTHER, NOW) is None
    assert expectations.claim(Event.RETRIEVED, DEVICE, NOW) is None
    assert expectations.claim(Event.HELD, DEVICE, NOW) == FIRST


def test_of_two_requests_the_older_is_served_first(expectations: Expectations) -> None:
    expectations.add(FIRST, CommandKind.HOLD_CALL, DEVICE, NOW)
    expectations.add(SECOND, CommandKind.HOLD_CALL, DEVICE, NOW)
    claimed = [expectations.claim(Event.HELD, DEVICE, NOW) for _ in range(3)]
    assert claimed == [FIRST, SECOND, None]


@pytest.mark.parametrize(("after_us", "claimed"), [(EXPECTED_US - 1, FIRST), (EXPECTED_US, None)])
def test_what_comes_too_late_is_someone_s_own_doing(
    after_us: int, claimed: RequestRef | None, expectations: Expectations
) -> None:
    expectations.add(FIRST, CommandKind.CLEAR_CONNECTION, DEVICE, NOW)
    assert expectations.claim(Event.CONNECTION_CLEARED, DEVICE, Microseconds(NOW + after_us)) == claimed


def test_a_refused_request_expects_nothing(expectations: Expectations) -> None:
    expectations.add(FIRST, CommandKind.HOLD_CALL, DEVICE, NOW)
    expectations.add(SECOND, CommandKind.HOLD_CALL, DEVICE, NOW)
    expectations.withdraw(FIRST)
    assert expectations.claim(Event.HELD, DEVICE, NOW) == SECOND


def test_events_carry_the_request_that_made_them_even_before_its_answer() -> None:
    """A consultation holds one call and begins another: both are its doing, the party's answer is not."""
    stage = Stage("8001", "8002", "8003")
    for line in ("8001: originated 1:8001 calling=8001 called=8002", "8002: established 1:8002"):
        stage.tell(line)
    stage.plays("""
        command 4.9 CONSULTATION_CALL 8001
        8001: held 1:8001
            held 8001 for 4.9 | 1: 8001 hold, 8002 connected
        8001: service_initiated 2:8001
            service_initiated 8001 for 4.9 | 2: 8001 initiated
        8001: originated 2:8001 calling=8001 called=8003
            originated 8001 for 4.9 | 2: 8001 connected
        8003: established 2:8003
            established 8003 | 2: 8001 connected, 8003 connected
        8001: connection_cleared 2:8001
            connection_cleared 8001 | 2: 8003 connected
        8001: retrieved 1:8001
            retrieved 8001 | 1: 8001 connected, 8002 connected
    """)


def test_a_report_that_names_its_request_needs_no_guess() -> None:
    """Asterisk tells it: the expectation of another stays open."""
    Stage("8001").plays("""
        command 4.9 MAKE_CALL 8001
        8001: service_initiated 1:8001 request=5.1
            service_initiated 8001 for 5.1 | 1: 8001 initiated
        8001: originated 1:8001
            originated 8001 for 4.9 | 1: 8001 connected
    """)


def test_refused_and_expired_requests_are_on_no_event() -> None:
    Stage("8001").plays("""
        command 4.9 MAKE_CALL 8001
        refused 4.9
        8001: service_initiated 1:8001
            service_initiated 8001 | 1: 8001 initiated
        command 4.10 CLEAR_CONNECTION 8001
        wait 10 s
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: ended
    """)
