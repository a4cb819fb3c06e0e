"""A daemon's settings from its TOML file, or all mistakes in it at once.

The model is pydantic (`extra="forbid"`), the mistakes are `Problem`s with file, line, key path, what stands there and
what was expected, in two languages; a value that is or may be a secret is never shown. TOML knows types:
`port = "7400"` is text and refused, as `7400` is no text. Must not know what any setting does.
"""

import difflib
import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from runtime.expected import Schema, UnfitValue, expected_at, keys_at, public_names, schema_of
from runtime.problems import Problem
from runtime.texts import Text, text
from runtime.toml_file import ConfigCode, TomlFile, read_toml
from runtime.toml_places import Key

Settings = TypeVar("Settings", bound=BaseModel)

GIVEN_CHARS_MAX = 60
"""Of a wrong value that is shown: enough to recognise it in the file."""

NEAR_MISS_RATIO = 0.6
"""How alike an unknown key must be to a known one to be taken for a slip of the finger (difflib's measure)."""


def load_settings(path: Path, model: type[Settings]) -> Settings | tuple[Problem, ...]:
    """The settings of the file at `path`, or every problem with it; raises nothing for what the operator wrote."""
    file = read_toml(path, public_names(model))
    return settings_of(file, model) if isinstance(file, TomlFile) else file


def settings_of(file: TomlFile, model: type[Settings]) -> Settings | tuple[Problem, ...]:
    """`load_settings` for a file that has been read, with the model's `public_names`: its owner can add problems of its
    own at any key (`TomlFile.problem`)."""
    as_json = json.dumps(file.document, default=str)
    try:
        # Strict, yet as JSON: names become enums and paths, and nothing else becomes what it is not.
        return model.model_validate_json(as_json, strict=True)
    except ValidationError as error:
        schema = schema_of(model)
        # A mistake in a union is told once for each of its branches: the same words are told once.
        problems = dict.fromkeys(_problem(file, schema, detail) for detail in error.errors(include_url=False))
        return tuple(sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0, problem.code)))


def _problem(file: TomlFile, schema: Schema, detail: ErrorDetails) -> Problem:
    key, held = _in_document(file.document, detail["loc"])
    path = _path(key)
    if detail["type"] == "missing":
        message = text("{key} is missing", key=path)
        return file.problem(ConfigCode.MISSING_KEY.code, key, message, expected=expected_at(schema, key))
    if detail["type"] == "extra_forbidden":
        message = text("there is no key {key}", key=path)
        expected = _known_keys(str(key[-1]), keys_at(schema, key[:-1]))
        return file.problem(ConfigCode.UNKNOWN_KEY.code, key, message, expected=expected, at_value=False)
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, UnfitValue):
        at = key if cause.key is None else (*key, cause.key)
        message = text("{key}: {reason}", key=_path(at) or file.name, reason=cause.reason)
        return file.problem(ConfigCode.BAD_VALUE.code, at, message, expected=cause.expected)
    expected = expected_at(schema, key)
    if isinstance(held, dict | list) or file.may_show(key):
        message = text("{key} cannot be {given}", key=path or file.name, given=_given(held))
        expected = expected or text("{detail}", detail=detail["msg"])
    else:
        message = text("{key} cannot be what stands there", key=path)
    return file.problem(ConfigCode.BAD_VALUE.code, key, message, expected=expected)


def _in_document(document: dict[str, Any], location: tuple[str | int, ...]) -> tuple[Key, Any]:
    """pydantic's location as a key of the file, and what stands there. It also names the branches of unions, which the
    file does not know: a part that is not there is left out, but for the last, which may be the key that is missing."""
    key: Key = ()
    held: Any = document
    for position, part in enumerate(location):
        if isinstance(held, dict) and part in held:
            held = held[str(part)]
            key += (part,)
        elif isinstance(held, list) and isinstance(part, int) and part < len(held):
            held = held[part]
            key += (part,)
        elif isinstance(held, dict) and position == len(location) - 1:
            key += (part,)
    return key, held


def _path(key: Key) -> str:
    """`server[0].name`."""
    path = ""
    for part in key:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path


def _given(value: Any) -> Text | str:
    """The value as it stands in a TOML file, as far as one needs to see it."""
    match value:
        case dict():
            return text("a table")
        case list():
            return text("a list")
        case str():
            shown = f'"{value}"'
        case bool():
            shown = str(value).lower()
        case _:
            shown = str(value)
    return shown if len(shown) <= GIVEN_CHARS_MAX else f"{shown[:GIVEN_CHARS_MAX]}…"


def _known_keys(name: str, known: tuple[str, ...]) -> Text | None:
    if not known:
        return None
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=NEAR_MISS_RATIO)
    listed = ", ".join(known)
    if near:
        return text("one of {known}; did you mean {near}?", known=listed, near=near[0])
    return text("one of {known}", known=listed)
