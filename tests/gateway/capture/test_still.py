"""What a part opens with: it comes back whole, it holds no secret, and it can make nothing run."""

import os
import pickle
from collections import Counter, OrderedDict, deque
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.capture import still
from gateway.capture.clocks import PlayedClock
from gateway.capture.still import Stranger, read, written
from gateway.links.asterisk.link import AsteriskLink, AsteriskSettings
from gateway.links.asterisk.session import AmiSession
from gateway.links.csta_xml.outstanding import unheeded
from gateway.owner import Owner
from gateway.portcfg import parse
from model.core import CallModel
from model.ids import CallId, DeviceNumber, EventId, Microseconds
from model.states import LinkState
from model.view import Licence, Link
from runtime.backoff import Backoff

CLOCK = PlayedClock(5, 6)
WIRES: dict[str, object] = {
    "clock": CLOCK, "publish": print, "log": None, "nobody": unheeded, "connection": None, "intake": None
}  # fmt: skip
OURS = {"clock": CLOCK}


def owner() -> Owner:
    model = CallModel(1, Link(LinkState.DOWN, "", "", Microseconds(0)), Licence("evaluation", "", 32, 0, ""))
    return Owner(model, print, CLOCK.wall_us)


@pytest.mark.parametrize(
    "value",
    [
        (1, "two", b"three", None, 4.5, True, [6], {7: 8}, {9}, frozenset({10})),
        Counter("aab"),
        OrderedDict(a=1),
        deque([1, 2], maxlen=3),
        CallId(EventId(1, 2)),
        Link(LinkState.UP, "a", "b", Microseconds(3)),
        unheeded,
    ],
)
def test_values_come_back(value: object) -> None:
    assert read(written(value, {}), {}) == value


def test_methods_and_what_stays_behind(tmp_path: Path) -> None:
    held = owner()
    again = read(written((held, held.report, partial(held.is_busy, DeviceNumber("1"))), OURS), WIRES)
    assert isinstance(again[0], Owner)
    assert again[1].__self__ is again[0]
    assert again[2].func.__self__ is again[0]
    assert again[0]._wall_us() == 5
    assert again[0]._publish is print


def test_no_secret_is_written() -> None:
    settings = AsteriskSettings("pbx", "cti", "s3cret")
    link = AsteriskLink(settings, parse(b"EXT 8001\n").ports, owner(), CLOCK, Backoff(lambda: 0.5))
    session = AmiSession("cti", "s3cret", "ultra-1", Microseconds(0))
    still_bytes = written((link, session), OURS | {"intake": link._intake})
    assert b"s3cret" not in still_bytes
    again, again_session = read(still_bytes, WIRES)
    assert (again._settings.user, again._settings.secret, again_session.secret) == ("cti", "", "")
    assert (settings.secret, session.secret) == ("s3cret", "s3cret")


class _Hostile:
    """Makes a pickle that calls a function when it is read."""

    def __init__(self, function: Any, *arguments: object) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> Any:
        return self._call


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (os.system, ("touch {}",)),
        (eval, ("__import__('os').system('touch {}')",)),
        (exec, ("open('{}', 'w')",)),
        (getattr, ("", "join")),
        (open, ("{}", "w")),
        (__import__, ("os",)),
        (Path, ("{}",)),
        (pickle.loads, (b"",)),
        (still.written, ((), {})),
        (still.method, (Path("x"), "touch")),
        (still.method, ("", "join")),
        (still.method, (CallId(EventId(1, 2)), "__class__")),
        (still.wire, ("environment",)),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_hostile_file_runs_nothing(tmp_path: Path, function: Any, arguments: tuple[object, ...]) -> None:
    mark = tmp_path / "mark"
    told = [one.replace("{}", str(mark)) if isinstance(one, str) else one for one in arguments]
    with pytest.raises(Stranger):
        read(pickle.dumps(_Hostile(function, *told), 5), WIRES)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["CallModel.report.__globals__", "CallModel.report", "dataclass", "no_such"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    module, named = (b"\x8c" + bytes((len(one),)) + one.encode() for one in ("model.core", name))
    with pytest.raises(Stranger, match="may not stand in a capture"):
        read(b"\x80\x04" + module + named + b"\x93.", WIRES)


def test_a_class_cannot_be_changed_by_a_value() -> None:
    """BUILD on a class sets its attributes: our code would then be what the file says."""
    before = CallModel.report
    try:
        with pytest.raises(Stranger, match="CallModel would be changed"):
            read(b"\x80\x04cmodel.core\nCallModel\nN}\x8c\x06reportNs\x86b.", WIRES)
    finally:
        CallModel.report = before  # type: ignore[method-assign]
