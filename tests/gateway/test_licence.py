"""What a licence grants at a time, on a machine, after a clock was tampered with; each with its own words."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.licence import (
    EVALUATION_SEATS,
    LicenceKind,
    LicenceState,
    judge,
    licence_problem,
    load_licence,
    warning_is_due,
)
from runtime.problems import Severity, render
from runtime.texts import Language
from tests.licences import OTHER_VENDOR, OTHER_VENDOR_KEY, VENDOR_KEY, licence_file
from tests.rules.source_tree import ROOT

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, 12, tzinfo=UTC)
"""The last day, 2026-12-31, has ended everywhere on earth (UTC-12)."""


def at(now: datetime, last_seen: datetime | None = None, raw: bytes | None = None) -> LicenceState:
    """The judgement over the usual licence: 100 seats, 2026-01-10 to 2026-12-31, ten days of grace."""
    return judge(licence_file() if raw is None else raw, now, [VENDOR_KEY], last_seen)


def test_without_a_file_it_is_evaluation() -> None:
    state = judge(None, JUNE, [], None)
    assert (state.kind, state.seats, state.granted) == (LicenceKind.EVALUATION, EVALUATION_SEATS, False)
    assert state.reason.render() == "no licence: evaluation, 32 seats"
    assert licence_problem(state, "") is None


def test_a_licence_that_holds() -> None:
    state = at(JUNE)
    assert (state.kind, state.seats, state.granted) == (LicenceKind.VALID, 100, True)
    assert state.features == {"call-control"}
    assert state.reason.render() == "上海某公司, 100 seats, until 2026-12-31"
    assert state.days_left == 214
    assert licence_problem(state, "licence.toml") is None


@pytest.mark.parametrize(
    ("now", "kind", "seats", "days_left"),
    [
        (datetime(2026, 1, 9, 9, 59, tzinfo=UTC), LicenceKind.NOT_YET_VALID, 32, None),
        (datetime(2026, 1, 9, 10, 0, tzinfo=UTC), LicenceKind.VALID, 100, 357),
        (END - timedelta(days=30), LicenceKind.VALID, 100, 30),
        (END - timedelta(days=30, seconds=-1), LicenceKind.EXPIRES_SOON, 100, 29),
        (END - timedelta(seconds=1), LicenceKind.EXPIRES_SOON, 100, 0),
        (END, LicenceKind.GRACE, 100, 10),
        (END + timedelta(days=9, hours=23), LicenceKind.GRACE, 100, 0),
        (END + timedelta(days=10), LicenceKind.GRACE, 100, 0),
        (END + timedelta(days=10, seconds=1), LicenceKind.EXPIRED, 32, None),
        (END + timedelta(days=1000), LicenceKind.EXPIRED, 32, None),
    ],
)
def test_the_days_of_a_licence(now: datetime, kind: LicenceKind, seats: int, days_left: int | None) -> None:
    state = at(now)
    assert (state.kind, state.seats, state.days_left) == (kind, seats, days_left)
    assert state.granted == (seats == 100)
    assert bool(state.features) == state.granted


def test_a_licence_without_grace_ends_at_once() -> None:
    raw = licence_file(grace_days=0)
    assert at(END - timedelta(seconds=1), raw=raw).kind is LicenceKind.EXPIRES_SOON
    assert at(END, raw=raw).kind is LicenceKind.EXPIRED


def test_a_licence_without_an_end() -> None:
    state = at(datetime(2199, 1, 1, tzinfo=UTC), raw=licence_file(expires=None))
    assert (state.kind, state.seats, state.days_left) == (LicenceKind.VALID, 100, None)


def test_each_state_has_its_own_message() -> None:
    tampered = licence_file().replace(b"seats = 100", b"seats = 999")
    states = [
        judge(None, JUNE, [VENDOR_KEY], None),
        at(JUNE),
        at(END - timedelta(days=3)),
        at(END),
        at(END + timedelta(days=99)),
        at(datetime(2026, 1, 6, tzinfo=UTC)),
        at(JUNE, last_seen=JUNE + timedelta(days=2)),
        at(JUNE, raw=tampered),
        judge(licence_file(), JUNE, [OTHER_VENDOR_KEY], None),
        judge(licence_file(host_ids=["x"]), JUNE, [VENDOR_KEY], None, ["y"]),
        at(JUNE, raw=b"?"),
    ]
    assert [state.kind for state in states] == [
        LicenceKind.EVALUATION,
        LicenceKind.VALID,
        LicenceKind.EXPIRES_SOON,
        LicenceKind.GRACE,
        LicenceKind.EXPIRED,
        LicenceKind.NOT_YET_VALID,
        LicenceKind.CLOCK_TURNED_BACK,
        LicenceKind.TAMPERED,
        LicenceKind.UNKNOWN_KEY,
        LicenceKind.WRONG_HOST,
        LicenceKind.UNREADABLE,
    ]
    assert {state.kind for state in states} == set(LicenceKind)
    for language in Language:
        assert len({state.reason.render(language) for state in states}) == len(states)


def test_a_tampered_licence_grants_nothing_of_what_it_says() -> None:
    state = at(JUNE, raw=licence_file().replace(b"seats = 100", b"seats = 999"))
    assert (state.seats, state.features, state.licence) == (EVALUATION_SEATS, frozenset(), None)


def test_a_licence_of_an_unknown_vendor_is_not_called_tampered() -> None:
    raw = licence_file(key=OTHER_VENDOR)
    state = at(JUNE, raw=raw)
    assert state.kind is LicenceKind.UNKNOWN_KEY
    assert OTHER_VENDOR_KEY.key_id in state.reason.render()
    assert judge(raw, JUNE, [VENDOR_KEY, OTHER_VENDOR_KEY], None).granted
    without = judge(raw, JUNE, [], None)
    assert "names no key" in without.reason.render()


def test_a_signature_claimed_for_a_key_that_did_not_make_it_is_tampering() -> None:
    forged = licence_file(key=OTHER_VENDOR).replace(OTHER_VENDOR_KEY.key_id.encode(), VENDOR_KEY.key_id.encode())
    assert at(JUNE, raw=forged).kind is LicenceKind.TAMPERED


def test_hosts() -> None:
    raw = licence_file(host_ids=["aaaa", "bbbb"])
    assert judge(raw, JUNE, [VENDOR_KEY], None, ["bbbb", "cccc"]).granted
    elsewhere = judge(raw, JUNE, [VENDOR_KEY], None, ["cccc"])
    assert elsewhere.kind is LicenceKind.WRONG_HOST
    assert "this one is cccc" in elsewhere.reason.render()
    assert judge(raw, JUNE, [VENDOR_KEY], None, []).kind is LicenceKind.WRONG_HOST


def test_a_clock_a_little_behind_is_no_clock_turned_back() -> None:
    assert at(JUNE, last_seen=JUNE + timedelta(hours=23)).kind is LicenceKind.VALID
    assert at(JUNE, last_seen=JUNE + timedelta(days=1, seconds=1)).kind is LicenceKind.CLOCK_TURNED_BACK


def test_turning_the_clock_back_after_the_end_gains_nothing() -> None:
    state = at(JUNE, last_seen=END + timedelta(days=40))
    assert (state.kind, state.seats, state.granted) == (LicenceKind.CLOCK_TURNED_BACK, EVALUATION_SEATS, False)
    assert "the licence ended on 2026-12-31" in state.reason.render()
    # Nor does a step small enough to pass for a time zone.
    assert at(END + timedelta(days=9, hours=20), last_seen=END + timedelta(days=10, hours=1)).seats == EVALUATION_SEATS


def test_a_dead_clock_battery_costs_nothing() -> None:
    state = at(datetime(1970, 1, 1, tzinfo=UTC), last_seen=JUNE)
    assert (state.kind, state.seats, state.granted) == (LicenceKind.CLOCK_TURNED_BACK, 100, True)
    assert state.features == {"call-control"}


def test_the_clock_cannot_be_before_the_licence_was_issued_even_without_a_memory() -> None:
    state = at(datetime(2025, 6, 1, tzinfo=UTC))
    assert state.kind is LicenceKind.CLOCK_TURNED_BACK
    assert "2026-01-05 09:00 UTC already" in state.reason.render()


def test_a_memory_from_the_future_is_told_with_its_cure() -> None:
    state = at(JUNE, last_seen=datetime(2099, 1, 1, tzinfo=UTC))
    assert state.kind is LicenceKind.CLOCK_TURNED_BACK
    assert state.seats == EVALUATION_SEATS
    assert state.cure is not None
    assert "ultra licence forget-clock" in state.cure.render()


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, MOMENTS)
def test_a_clock_turned_back_never_grants_more(true_time: datetime, pretended: datetime) -> None:
    pretended = min(pretended, true_time)
    issued = datetime(2026, 1, 5, 9, tzinfo=UTC)
    if true_time >= issued:
        assert at(pretended, last_seen=true_time).seats == at(true_time).seats


@given(MOMENTS)
def test_seats_are_the_licences_or_evaluation(now: datetime) -> None:
    state = at(now)
    assert state.seats == (100 if state.granted else EVALUATION_SEATS)


def test_reading(tmp_path: Path) -> None:
    path = tmp_path / "licence.toml"
    missing = load_licence(path, JUNE, [VENDOR_KEY], None)
    assert missing.kind is LicenceKind.UNREADABLE
    assert missing.reason.render() == "the licence cannot be read: there is no such file; evaluation, 32 seats"
    path.write_bytes(licence_file())
    assert load_licence(path, JUNE, [VENDOR_KEY], None) == at(JUNE)
    assert load_licence(None, JUNE, [VENDOR_KEY], None).kind is LicenceKind.EVALUATION
    path.write_bytes(b"#" * 100_000)
    assert load_licence(path, JUNE, [VENDOR_KEY], None).kind is LicenceKind.UNREADABLE


def test_a_problem_has_the_place_of_the_syntax_error() -> None:
    problem = licence_problem(at(JUNE, raw=licence_file().replace(b"seats = 100", b"seats = many")), "licence.toml")
    assert problem is not None
    assert render(problem).startswith("licence.toml:7:9: L009 error: the licence cannot be read: not valid TOML")


def test_what_is_near_its_end_is_a_warning_and_what_grants_nothing_an_error() -> None:
    severities = {kind: kind.severity for kind in LicenceKind if kind.code is not None}
    warnings = {kind for kind, severity in severities.items() if severity is Severity.WARNING}
    assert warnings == {LicenceKind.EXPIRES_SOON, LicenceKind.GRACE}


def test_the_log_speaks_of_grace_once_a_day() -> None:
    grace = at(END)
    assert warning_is_due(grace, None, END)
    assert not warning_is_due(grace, END, END + timedelta(hours=23))
    assert warning_is_due(grace, END, END + timedelta(hours=24))
    assert warning_is_due(grace, END, END - timedelta(hours=1))
    assert not warning_is_due(at(JUNE), None, JUNE)
    assert not warning_is_due(judge(None, JUNE, [], None), None, JUNE)


def test_the_document_lists_every_code() -> None:
    document = (ROOT / "docs" / "licence.md").read_text("utf-8")
    for kind in LicenceKind:
        if kind.code is not None:
            assert f"| {kind.code} | " in document
