"""The works of a gateway as bytes, and back: what a part of a capture opens with, so that it can be played alone.

Written with pickle, which knows cycles and is quick, and read by an unpickler that admits nothing but the classes of
the modules listed here and a few of the standard library. A capture may come from a stranger: reading one makes
values of our own classes, and never runs anything of the file's choosing. It opens nothing.

What is of the running process stays behind and comes as a *wire*: the clock, the intake, the loop, the connection,
whoever waits for an answer. So do secrets: the log-in's stands in no capture.
"""

import copyreg
import io
import pickle
import sys
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import astuple, replace
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from gateway.capture.clocks import NotingClock, PlayedClock
from gateway.intake import Intake
from gateway.links.asterisk.link import AsteriskLink, AsteriskSettings
from gateway.links.asterisk.session import AmiSession
from gateway.links.csta_xml.connection import Connection
from gateway.links.csta_xml.outstanding import unheeded, unnoticed
from gateway.links.csta_xml.session import command_answered
from gateway.owner import OpenRequest, Owner
from runtime.backoff import Backoff

PROTOCOL = 5

ADMITTED_PACKAGES = (
    "gateway.alarms",
    "gateway.links.asterisk",
    "gateway.links.base",
    "gateway.links.csta_xml",
    "gateway.owner",
    "gateway.portcfg",
    "gateway.roster",
    "gateway.seats",
    "gateway.works",
    "model",
    "runtime.backoff",
    "runtime.texts",
)
"""Packages and modules whose own classes may stand in a capture; none of them opens, runs or imports anything."""

ADMITTED_CLASSES: tuple[type, ...] = (Counter, OrderedDict, deque, partial)
"""Of the standard library; lists, dicts, sets, tuples, numbers and texts have forms of their own."""

ADMITTED_FUNCTIONS: tuple[Callable[..., None], ...] = (command_answered, unheeded, unnoticed)
"""Those that stand in fields, as what is to be told of an answer."""


class Stranger(Exception):
    """A capture names what may not stand in one."""


class _Wire:
    """Stands for what comes from outside when the works are read."""

    def __init__(self, name: str) -> None:
        self.name = name


def wire(name: str) -> Any:
    """A name in captures: whoever reads one puts what he has in its place."""
    raise Stranger(f"nothing stands for {name} here")


def method(owner: object, name: str) -> Any:
    """The method of an admitted object, by name. Stranger for anything else."""
    function = getattr(type(owner), name, None)
    is_clock = type(owner) in (NotingClock, PlayedClock)
    if not isinstance(function, FunctionType) or not (is_clock or _is_ours(type(owner))):
        raise Stranger(f"{type(owner).__name__}.{name} is no method of a class that may stand in a capture")
    return MethodType(function, owner)


_CONNECTION, _NOBODY = _Wire("connection"), _Wire("nobody")

LEFT_BEHIND: Mapping[type, Mapping[str, object]] = {
    AmiSession: {"secret": ""},
    AsteriskLink: {"_connection": _CONNECTION},
    Backoff: {"random": _NOBODY},
    Connection: {"ended": _CONNECTION, "_loop": _CONNECTION, "_transport": _CONNECTION, "_timer": _CONNECTION},
    OpenRequest: {"_done": _NOBODY},
    Owner: {"_publish": _Wire("publish"), "_log": _Wire("log")},
}
"""Fields that are of the process, or secret, and what stands in their place unless they are None."""


def _reduced(kept: Any) -> Any:
    """How an object of which something stays behind is written."""
    left = LEFT_BEHIND[type(kept)]
    fields = vars(kept) if hasattr(kept, "__dict__") else {name: getattr(kept, name) for name in kept.__slots__}
    written = {name: left[name] if name in left and held is not None else held for name, held in fields.items()}
    return copyreg.__newobj__, (type(kept),), (None, written)  # type: ignore[attr-defined]


def _without_secret(settings: AsteriskSettings) -> Any:
    return AsteriskSettings, astuple(replace(settings, secret=""))


_REDUCERS: Mapping[type, Callable[[Any], Any]] = {
    **dict.fromkeys(LEFT_BEHIND, _reduced),
    AsteriskSettings: _without_secret,
    MethodType: lambda bound: (method, (bound.__self__, bound.__name__)),
    _Wire: lambda placed: (wire, (placed.name,)),
}
"""By type, which the pickler looks up by itself: a function of ours for each object would take ten times as long."""


class _StillReader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, wires: Mapping[str, object], *, is_masked: bool = False) -> None:
        super().__init__(file)
        self._wires = wires
        self._is_masked = is_masked
        self._before: dict[type, dict[str, object]] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (wire.__module__, wire.__name__):
            return self._wired
        if (module, name) == (method.__module__, method.__name__):
            return method
        found = vars(sys.modules[module]).get(name) if module in sys.modules else None
        if isinstance(found, type) and (_is_ours(found) or found in ADMITTED_CLASSES) and found.__module__ == module:
            self._before.setdefault(found, dict(vars(found)))
            return found
        if isinstance(found, FunctionType) and found in ADMITTED_FUNCTIONS:
            return found
        raise Stranger(f"{module}.{name} may not stand in a capture")

    def persistent_load(self, pid: Any) -> Any:
        """A masked text; there is none in a capture."""
        if not self._is_masked:
            raise Stranger("it holds what only a masked copy holds while it is made")
        return pid

    def check_classes(self) -> None:
        """A value is set field by field, and a class has fields, too."""
        for changed, before in self._before.items():
            if any(before.get(name) is not held for name, held in vars(changed).items()):
                raise Stranger(f"{changed.__name__} would be changed")

    def _wired(self, name: str) -> object:
        if name not in self._wires:
            raise Stranger(f"nothing stands for {name!r} here")
        return self._wires[name]


def _table(wires: Mapping[str, object]) -> dict[type, Callable[[Any], Any]]:
    names = {id(wired): name for name, wired in wires.items()}
    outside = {type(wired): lambda held: (wire, (names[id(held)],)) for wired in wires.values() if _is_placed(wired)}
    return {**copyreg.dispatch_table, **_REDUCERS, **outside}


def _is_placed(wired: object) -> bool:
    """Whether it stands in the works as an object of its own: the clock and the intake do."""
    return isinstance(wired, Intake | NotingClock | PlayedClock)


def written(root: object, wires: Mapping[str, object]) -> bytes:
    """The bytes of an object and of all that it holds; ``wires`` are objects that stay behind, by their names."""
    file = io.BytesIO()
    pickler = pickle.Pickler(file, PROTOCOL)
    pickler.dispatch_table = _table(wires)
    pickler.dump(root)
    return file.getvalue()


def read(still: bytes, wires: Mapping[str, object]) -> Any:
    """What ``written`` was given, with ``wires`` in their places. Stranger, or another exception, for anything else."""
    reader = _StillReader(io.BytesIO(still), wires)
    root = reader.load()
    reader.check_classes()
    return root


def masked(root: Any, mask: Callable[[str], str], wires: Mapping[str, object]) -> Any:
    """A copy of an object and of all that it holds, every text masked."""
    file = io.BytesIO()
    _Masker(file, mask, _table(wires)).dump(root)
    return _StillReader(io.BytesIO(file.getvalue()), wires, is_masked=True).load()


class _Masker(pickle.Pickler):
    def __init__(self, file: io.BytesIO, mask: Callable[[str], str], table: dict[type, Callable[[Any], Any]]) -> None:
        super().__init__(file, PROTOCOL)
        self.dispatch_table = table
        self._mask = mask

    def persistent_id(self, obj: Any) -> str | None:
        if type(obj) is not str:
            return None
        masked_text = self._mask(obj)
        return masked_text if masked_text != obj else None


def _is_ours(kind: type) -> bool:
    return any(kind.__module__ == each or kind.__module__.startswith(f"{each}.") for each in ADMITTED_PACKAGES)
