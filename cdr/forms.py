"""Records as JSON: what the command line, the web interface and the webhook give. Names are API. Pure.

A moment is text in UTC (``2026-01-31T08:09:10.000001Z``), a span is seconds under ``…_seconds``, exact to the
microsecond.
"""

from dataclasses import fields
from enum import Enum
from typing import Any

from cdr.records import Record, Spans
from cdr.store.rows import time_of
from cdr.store.schema import TIMES

Form = dict[str, Any]
SPAN = "_us"


def iso_of(time_us: int) -> str:
    """A moment as text."""
    return f"{time_of(time_us).isoformat(timespec='microseconds')}Z"


def form_of(record: Record) -> Form:
    """A record's form; the spans of a leg stand beside its other fields."""
    form: Form = {}
    for one in fields(record):
        value = getattr(record, one.name)
        if isinstance(value, Spans):
            form |= {_span_name(span.name): _seconds(getattr(value, span.name)) for span in fields(Spans)}
        elif one.name in TIMES:
            form[one.name.removesuffix(SPAN)] = None if value is None else iso_of(value)
        elif one.name.endswith(SPAN):
            form[_span_name(one.name)] = _seconds(value)
        elif isinstance(value, tuple):
            form[one.name] = list(value)
        else:
            form[one.name] = value.value if isinstance(value, Enum) else value
    return form


def names_of(kind: type[Record]) -> list[str]:
    """The names of a kind's forms, in their order."""
    names: list[str] = []
    for one in fields(kind):
        if one.name == "spans":
            names += [_span_name(span.name) for span in fields(Spans)]
        elif one.name in TIMES:
            names.append(one.name.removesuffix(SPAN))
        else:
            names.append(_span_name(one.name) if one.name.endswith(SPAN) else one.name)
    return names


def _span_name(name: str) -> str:
    return f"{name.removesuffix(SPAN)}_seconds"


def _seconds(span_us: int) -> float:
    return span_us / 1_000_000
