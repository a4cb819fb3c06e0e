"""The text of a TOML file to its values, or why it is none and where: the one place where the parser is called.

The parser raises more than its own error: RecursionError where values are nested too deeply, ValueError for a number of
thousands of digits. And what it takes may still be more than anybody after it can: both are turned away here. Pure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import tomli

from runtime.texts import Text, text
from runtime.toml_places import Key, key_places, nearest_key

NESTED_MAX: Final = 50
"""Tables and lists within each other: ours have four levels; those who read the values call themselves for each."""

NUMBER_BITS_MAX: Final = 1_024
"""Of a whole number: TOML asks for 64; a larger one is told as a wrong value, as long as it can be shown at all."""

_DIGITS: Final = re.compile(r"[0-9][0-9_]{4299,}")
"""More than Python turns into a number (sys.set_int_max_str_digits)."""


@dataclass(frozen=True, slots=True)
class NoToml:
    """Why a text is no TOML that can be read. The place counts from 1, in characters; None where it has none."""

    detail: Text | str
    line: int | None = None
    column: int | None = None


def document_of(source: str) -> dict[str, Any] | NoToml:
    """The values of a text, or why not; raises nothing for what stands in it."""
    try:
        document = tomli.loads(source)
    except tomli.TOMLDecodeError as error:
        return NoToml(error.msg, error.lineno, error.colno)
    except RecursionError:
        return NoToml(text("more than {limit} tables or lists within each other", limit=NESTED_MAX))
    except ValueError:
        found = _DIGITS.search(source)
        at = 0 if found is None else found.start()
        return NoToml(_too_long(), source.count("\n", 0, at) + 1, at - source.rfind("\n", 0, at))
    for key, held in _values(document):
        if isinstance(held, int) and held.bit_length() > NUMBER_BITS_MAX:
            return _at(source, key, _too_long())
        if len(key) > NESTED_MAX:
            return _at(source, key, text("more than {limit} tables or lists within each other", limit=NESTED_MAX))
    return document


def _too_long() -> Text:
    return text("a number with more digits than any number here")


def _at(source: str, key: Key, detail: Text) -> NoToml:
    places = key_places(source)
    nearest = nearest_key(places, key)
    if nearest is None:
        return NoToml(detail)
    place = places[nearest]
    return NoToml(detail, place.line, place.value_column or place.column)


def _values(document: dict[str, Any]) -> Iterator[tuple[Key, Any]]:
    """Every value with its key, tables and lists too, without a call for each level."""
    waiting: list[tuple[Key, Any]] = [((), document)]
    while waiting:
        key, held = waiting.pop()
        yield key, held
        if len(key) > NESTED_MAX:
            continue
        if isinstance(held, dict):
            waiting += [((*key, name), inner) for name, inner in held.items()]
        elif isinstance(held, list):
            waiting += [((*key, index), inner) for index, inner in enumerate(held)]
