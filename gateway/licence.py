"""How many seats the gateway may serve now, and why: the judgement over a licence file, the clock and the host.

    no file                          evaluation, 32 seats
    holds                            its seats
    expired, in its days of grace    its seats, with a warning every day
    expired, falsified, too early,
    for another host, unreadable …   evaluation, each with its own message
    the clock was turned back        judged by the latest time known, so turning it back gains nothing and costs nothing

`judge` is pure; `load_licence` adds the reading. Whatever the result, no call is cut: `seats` sees to that.
`docs/decisions/0004-licence.md` gives the reasons. Must not log and must not stop the gateway.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from pathlib import Path

from gateway.licence_file import LICENCE_BYTES_MAX, Licence, NoLicence, licence_of, read_signed
from gateway.licence_keys import PublicKey
from runtime.problems import Problem, Severity, why_unreadable
from runtime.texts import Text, counted, text

EVALUATION_SEATS = 32
"""Enough for a small site and for trying everything; also what remains when a licence no longer holds."""

CLOCK_TOLERANCE = timedelta(days=1)
"""A clock this far behind the latest time seen is a clock set wrong: time zones and daylight saving make half a day."""

EXPIRY_NOTICE_DAYS = 30
"""A licence that ends within this time is warned about: a purchase takes weeks."""

WARNING_INTERVAL = timedelta(days=1)
"""How often grace is spoken of again in the log."""

_EARLIEST_DAWN = timedelta(hours=14)
_LATEST_DUSK = timedelta(hours=12)
"""A day of a licence begins when it begins anywhere (UTC+14) and ends when it has ended everywhere (UTC-12)."""


class LicenceKind(Enum):
    """Where a licence stands; each value is (name, code of its problem or None, severity)."""

    EVALUATION = ("evaluation", None, Severity.WARNING)
    VALID = ("valid", None, Severity.WARNING)
    EXPIRES_SOON = ("expires_soon", "L001", Severity.WARNING)
    GRACE = ("grace", "L002", Severity.WARNING)
    EXPIRED = ("expired", "L003", Severity.ERROR)
    NOT_YET_VALID = ("not_yet_valid", "L004", Severity.ERROR)
    CLOCK_TURNED_BACK = ("clock_turned_back", "L005", Severity.ERROR)
    TAMPERED = ("tampered", "L006", Severity.ERROR)
    UNKNOWN_KEY = ("unknown_key", "L007", Severity.ERROR)
    WRONG_HOST = ("wrong_host", "L008", Severity.ERROR)
    UNREADABLE = ("unreadable", "L009", Severity.ERROR)

    def __init__(self, label: str, code: str | None, severity: Severity) -> None:
        self.label = label
        self.code = code
        self.severity = severity


@dataclass(frozen=True, slots=True)
class LicenceState:
    """What is granted now. `reason` says it in words; `cure` what to do about it, if anything.

    `granted` tells whether the seats are the licence's own. `features` is what the licence adds, empty while it
    grants nothing. `days_left` counts whole days to the end of the licence, or of its grace once that has begun; None
    when it has no end or grants nothing.
    """

    kind: LicenceKind
    seats: int
    reason: Text
    cure: Text | None = None
    licence: Licence | None = None
    features: frozenset[str] = frozenset()
    days_left: int | None = None
    granted: bool = False
    fault: NoLicence | None = None


def load_licence(
    path: Path | None,
    now: datetime,
    public_keys: Sequence[PublicKey],
    last_seen: datetime | None,
    host_ids: Collection[str] = frozenset(),
) -> LicenceState:
    """Read and judge the licence; a file that is named but cannot be read is UNREADABLE, never silently evaluation."""
    if path is None:
        return judge(None, now, public_keys, last_seen, host_ids)
    try:
        with path.open("rb") as licence_file:
            raw = licence_file.read(LICENCE_BYTES_MAX + 1)
    except OSError as error:
        cure = text("a licence there that the gateway may read; or no file under [licence], for evaluation")
        return replace(_unreadable(NoLicence(why_unreadable(error))), cure=cure)
    return judge(raw, now, public_keys, last_seen, host_ids)


def judge(
    raw: bytes | None,
    now: datetime,
    public_keys: Sequence[PublicKey],
    last_seen: datetime | None,
    host_ids: Collection[str] = frozenset(),
) -> LicenceState:
    """What the bytes of a licence file grant at `now` (aware).

    `last_seen` is the latest time that the gateway remembers (`licence_clock`), None when it remembers none;
    `host_ids` are this machine's (`licence_host`).
    """
    if raw is None:
        return LicenceState(
            LicenceKind.EVALUATION,
            EVALUATION_SEATS,
            text("no licence: evaluation, {seats} seats", seats=EVALUATION_SEATS),
        )
    signed = read_signed(raw)
    if isinstance(signed, NoLicence):
        return _unreadable(signed)
    key = next((key for key in public_keys if key.key_id == signed.key_id), None)
    if key is None:
        return _unknown_key(signed.key_id, bool(public_keys))
    if not signed.is_signed_by(key):
        return _refused(
            LicenceKind.TAMPERED,
            text("the licence was changed after it was signed, so none of it counts"),
            text("the licence file exactly as the vendor sent it"),
        )
    licence = licence_of(signed)
    if isinstance(licence, NoLicence):
        return _unreadable(licence)
    if licence.host_ids and not set(licence.host_ids) & set(host_ids):
        return _wrong_host(licence, host_ids)
    return _in_time(licence, now, last_seen)


def licence_problem(state: LicenceState, file: str) -> Problem | None:
    """The state as `ultra check` reports it; None when there is nothing to do."""
    if state.kind.code is None:
        return None
    fault = state.fault or NoLicence(state.reason)
    return Problem(
        code=state.kind.code,
        severity=state.kind.severity,
        file=file,
        message=state.reason,
        line=fault.line,
        column=fault.column,
        source_line=fault.source_line,
        expected=state.cure,
    )


def warning_is_due(state: LicenceState, last_warned: datetime | None, now: datetime) -> bool:
    """Whether the log must speak of the licence again: once a day while it is in grace, soon ends, or grants
    nothing."""
    if state.kind.code is None:
        return False
    return last_warned is None or not timedelta(0) <= now - last_warned < WARNING_INTERVAL


def _in_time(licence: Licence, now: datetime, last_seen: datetime | None) -> LicenceState:
    latest = max(licence.issued, last_seen or licence.issued)
    if latest - now <= CLOCK_TOLERANCE:
        return _at(licence, max(now, latest))
    by_latest = _at(licence, latest)
    reason = text(
        "the clock says {now}, but it was {latest} already; by that time: {judged}",
        now=_moment(now),
        latest=_moment(latest),
        judged=by_latest.reason,
    )
    cure = text("the right time on this machine; if it is right now and was wrong before: ultra licence forget-clock")
    return replace(by_latest, kind=LicenceKind.CLOCK_TURNED_BACK, reason=reason, cure=cure)


def _at(licence: Licence, moment: datetime) -> LicenceState:
    begin = _midnight(licence.not_before) - _EARLIEST_DAWN
    if moment < begin:
        return _refused(
            LicenceKind.NOT_YET_VALID,
            text("the licence begins on {date}", date=licence.not_before.isoformat()),
            text("the former licence until then; or is this machine's clock wrong?"),
            licence,
        )
    if licence.expires is None:
        return _granted(LicenceKind.VALID, licence, _holds(licence))
    end = _midnight(licence.expires) + timedelta(days=1) + _LATEST_DUSK
    days_left = (end - moment) // timedelta(days=1)
    if moment < end:
        return _still_valid(licence, licence.expires, days_left)
    grace_left = (end + timedelta(days=licence.grace_days) - moment) // timedelta(days=1)
    if grace_left >= 0 and licence.grace_days:
        return _in_grace(licence, licence.expires, grace_left)
    return _refused(
        LicenceKind.EXPIRED,
        text("the licence ended on {date}", date=licence.expires.isoformat()),
        text("a new licence of the vendor"),
        licence,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _holds(licence: Licence) -> Text:
    return text("{customer}, {seats} seats", customer=licence.customer, seats=licence.seats)


def _still_valid(licence: Licence, expires: date, days_left: int) -> LicenceState:
    if days_left >= EXPIRY_NOTICE_DAYS:
        reason = text("{holds}, until {date}", holds=_holds(licence), date=expires.isoformat())
        return _granted(LicenceKind.VALID, licence, reason, days_left)
    reason = counted(
        "the licence ends on {date}, in {count} day",
        "the licence ends on {date}, in {count} days",
        days_left,
        date=expires.isoformat(),
    )
    return _granted(LicenceKind.EXPIRES_SOON, licence, reason, days_left, text("a new licence of the vendor"))


def _in_grace(licence: Licence, expires: date, grace_left: int) -> LicenceState:
    reason = counted(
        "the licence ended on {date}; all {seats} seats for {count} more day, then {evaluation}",
        "the licence ended on {date}; all {seats} seats for {count} more days, then {evaluation}",
        grace_left,
        date=expires.isoformat(),
        seats=licence.seats,
        evaluation=EVALUATION_SEATS,
    )
    return _granted(LicenceKind.GRACE, licence, reason, grace_left, text("a new licence of the vendor"))


def _granted(
    kind: LicenceKind, licence: Licence, reason: Text, days_left: int | None = None, cure: Text | None = None
) -> LicenceState:
    return LicenceState(kind, licence.seats, reason, cure, licence, frozenset(licence.features), days_left, True)


def _refused(kind: LicenceKind, why: Text, cure: Text, licence: Licence | None = None) -> LicenceState:
    reason = text("{why}; evaluation, {seats} seats", why=why, seats=EVALUATION_SEATS)
    return LicenceState(kind, EVALUATION_SEATS, reason, cure, licence)


def _unreadable(found: NoLicence) -> LicenceState:
    state = _refused(
        LicenceKind.UNREADABLE,
        text("the licence cannot be read: {reason}", reason=found.reason),
        text("the licence file exactly as the vendor sent it"),
    )
    return replace(state, fault=found)


def _unknown_key(key_id: str, has_keys: bool) -> LicenceState:
    if has_keys:
        why = text("the licence is signed with key {key_id}, which this gateway does not know", key_id=key_id)
        cure = text("that vendor's key in gateway.toml, [licence] public_key")
    else:
        why = text("the licence cannot be checked: gateway.toml names no key")
        cure = text('public_key = "ed25519:…" under [licence], as given by the vendor (key {key_id})', key_id=key_id)
    return _refused(LicenceKind.UNKNOWN_KEY, why, cure)


def _wrong_host(licence: Licence, host_ids: Collection[str]) -> LicenceState:
    return _refused(
        LicenceKind.WRONG_HOST,
        text("the licence is for another machine; this one is {host}", host=", ".join(sorted(host_ids)) or "-"),
        text("a licence for this machine, or the gateway on that one"),
        licence,
    )
