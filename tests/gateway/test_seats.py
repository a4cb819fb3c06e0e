"""Who has a seat: file order, kept by live calls, never more than the licence grants beyond those."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.portcfg import Port, PortKind, parse
from gateway.seats import SeatPlan, assign, seat_problems
from model.ids import DeviceNumber
from runtime.texts import Language


def ports_of(*numbers: str) -> tuple[Port, ...]:
    """Extensions, but for numbers that begin with a letter, which are trunks."""
    return tuple(
        Port(DeviceNumber(n), PortKind.TRUNK if n[0] == "T" else PortKind.EXT, "", "", n, f"PJSIP/{n}", line)
        for line, n in enumerate(numbers, start=1)
    )


def kept(*numbers: str) -> frozenset[DeviceNumber]:
    return frozenset(map(DeviceNumber, numbers))


def reasons(plan: SeatPlan) -> dict[str, str]:
    return {number: reason.render() for number, reason in plan.unlicensed.items()}


def test_the_first_of_the_file_are_served_and_trunks_do_not_count() -> None:
    plan = assign(ports_of("T1", "8001", "T2", "8002", "8003"), 2)
    assert plan.served == {"8001", "8002"}
    assert reasons(plan) == {"8003": "no seat: extension 3 in port.cfg, and the licence has 2 seats"}
    assert plan.settled
    assert plan.has_seat(DeviceNumber("8001"))
    assert not plan.has_seat(DeviceNumber("8003"))


def test_enough_seats() -> None:
    plan = assign(ports_of("8001", "8002"), 2)
    assert plan.served == {"8001", "8002"}
    assert plan.unlicensed == {}


def test_a_live_call_keeps_its_seat_and_an_earlier_extension_waits() -> None:
    ports = ports_of("8001", "8002", "8003")
    plan = assign(ports, 2, kept("8003"))
    assert plan.served == {"8001", "8003"}
    assert reasons(plan) == {
        "8002": "no seat yet: the licence has 2 seats, and one is kept by a call until that ends",
    }
    assert not plan.settled
    after = assign(ports, 2)
    assert after.served == {"8001", "8002"}
    assert after.settled


def test_no_call_is_cut_when_there_are_fewer_seats_than_calls() -> None:
    plan = assign(ports_of("8001", "8002", "8003", "8004"), 1, kept("8002", "8003"))
    assert plan.served == {"8002", "8003"}
    assert set(plan.unlicensed) == {"8001", "8004"}
    assert not plan.settled


def test_an_extension_taken_out_of_the_file_keeps_its_seat_until_idle() -> None:
    plan = assign(ports_of("8001", "8002"), 2, kept("7999"))
    assert plan.served == {"8001", "7999"}
    assert not plan.settled


def test_a_trunk_never_takes_a_seat() -> None:
    assert assign(ports_of("T1", "8001"), 1, kept("T1")).served == {"8001"}


NUMBERS = st.lists(st.from_regex(r"T?[0-9]{1,3}", fullmatch=True), unique=True, max_size=30)


@given(NUMBERS, st.integers(0, 40), st.data())
def test_whatever_the_file_and_the_calls(numbers: list[str], seats: int, drawn: st.DataObject) -> None:
    ports = ports_of(*numbers)
    extensions = [port.number for port in ports if port.kind is PortKind.EXT]
    live = frozenset(drawn.draw(st.lists(st.sampled_from(extensions)))) if extensions else frozenset()
    plan = assign(ports, seats, live)
    assert live <= plan.served
    assert len(plan.served) == max(min(seats, len(extensions)), len(live))
    assert plan.served | set(plan.unlicensed) == set(extensions)
    assert not plan.served & set(plan.unlicensed)
    # Those served without a call are the first of the file: no later one overtakes an earlier one.
    idle = [number for number in extensions if number not in live]
    served_idle = [number for number in idle if number in plan.served]
    assert served_idle == idle[: len(served_idle)]
    # Settled means: the end of the calls changes nothing.
    rested = assign(ports, seats)
    assert rested.served == set(extensions[:seats])
    if plan.settled:
        assert plan.served == rested.served


@given(NUMBERS, st.integers(0, 40))
def test_another_seat_takes_none_away(numbers: list[str], seats: int) -> None:
    ports = ports_of(*numbers)
    assert assign(ports, seats).served <= assign(ports, seats + 1).served


def test_the_warning_names_who_loses() -> None:
    read = parse(b"TRUNK T1\nEXT 8001-8003\n\nEXT 9001\nEXT 0007-0012\nEXT 9002\n")
    (problem,) = seat_problems(read, 2)
    assert (problem.code, problem.line, problem.column, problem.width) == ("P031", 2, 5, 9)
    assert problem.message.render() == "11 extensions, 2 seats; without a seat: 8003, 9001, 0007-0012, 9002"
    assert problem.message.render(Language.ZH).endswith("没有席位的分机：8003, 9001, 0007-0012, 9002")
    assert not problem.is_error
    assert seat_problems(read, 11) == ()


def test_the_warning_stays_readable() -> None:
    read = parse("".join(f"EXT {number}\n" for number in range(100, 140, 2)).encode())
    (problem,) = seat_problems(read, 0)
    assert problem.message.render().endswith("100, 102, 104, 106, 108, 110, 112, 114 and 12 more")
