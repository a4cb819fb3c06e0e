"""How an event becomes one log line, as JSON for programs or as text for eyes; pure.

What a value holds may come from a hostile peer: no value can begin a line of its own, move a terminal's cursor or turn
the writing direction. JSON stays lossless (a parser gets back what was logged); text shows escapes (`\\n`, `\\x1b`).
Must not write anything, and must not decide what is worth logging.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

VALUE_CHARS_MAX = 8_000
"""Of one value. A frame of the largest size in hex would fill many screens; its beginning is what one looks at."""

TRACEBACK_CHARS_MAX = 32_000
"""Of a traceback, whose end says what happened: the beginning is cut."""

FIRST_KEYS = ("time", "level", "daemon", "event")
"""In every line, in this order; then the event's own keys as they were given, then the traceback."""

_PLACED_KEYS = frozenset({*FIRST_KEYS, "exception"})
_as_json = json.JSONEncoder(ensure_ascii=False).encode
_quoted = json.encoder.encode_basestring
_PLAIN = re.compile(r"[^\s\"'=\\]+")
_SHORT_ESCAPES: Mapping[str, str] = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


def json_line(values: Mapping[str, Any]) -> str:
    """One JSON object, Chinese left readable, everything that is no printable character as `\\uXXXX`."""
    said = [f'"{key}": {_json_of(key, values[key])}' for key in FIRST_KEYS if key in values]
    said += [f"{_quoted(key)}: {_json_of(key, value)}" for key, value in values.items() if key not in _PLACED_KEYS]
    if "exception" in values:
        said.append(f'"exception": {_json_of("exception", values["exception"])}')
    line = f"{{{', '.join(said)}}}"
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in line)


def text_line(values: Mapping[str, Any]) -> str:
    """`time LEVEL daemon event key=value …`; a traceback follows in lines with a bar in front, as no log line has."""
    shown = {key: _bounded(key, value) for key, value in values.items()}
    traceback = shown.pop("exception", None)
    time, level, daemon, event = (escaped(str(shown.pop(key, "-"))) for key in FIRST_KEYS)
    words = [time, f"{level.upper():7}", daemon, event]
    words += [f"{escaped(key)}={_word(value)}" for key, value in shown.items()]
    line = " ".join(words)
    if traceback is not None:
        line += "".join(f"\n    │ {escaped(row)}" for row in str(traceback).split("\n"))
    return line


def escaped(text: str) -> str:
    """`text` with every character that is not printable shown as `\\n`, `\\x1b`, `\\u202e`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return _SHORT_ESCAPES.get(char) or char.encode("unicode_escape").decode("ascii")


def _bounded(key: str, value: Any) -> Any:
    """What JSON can hold: numbers and true as they are, bytes in hex, containers item by item, all else as text."""
    if value is None or type(value) in (bool, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(inner): _bounded(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_bounded(key, item) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        value = bytes(value).hex()
    text = str(value)
    if key == "exception" and len(text) > TRACEBACK_CHARS_MAX:
        return "…" + text[-TRACEBACK_CHARS_MAX:]
    if key != "exception" and len(text) > VALUE_CHARS_MAX:
        return f"{text[:VALUE_CHARS_MAX]}… ({len(text)} characters)"
    return text


def _json_of(key: str, value: Any) -> str:
    if type(value) is str and len(value) <= VALUE_CHARS_MAX:  # nearly all of them
        return _quoted(value)
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return repr(value)
    return _as_json(_bounded(key, value))


def _word(value: Any) -> str:
    """A value as one word, quoted where it would not be one."""
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.isprintable():
            return value
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped(quoted)}"'
    if isinstance(value, list):
        return f"[{' '.join(_word(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{' '.join(f'{escaped(key)}={_word(item)}' for key, item in value.items())}}}"
    return str(value)
