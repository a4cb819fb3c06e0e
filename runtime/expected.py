"""What a setting takes, in words for operators, worked out from its pydantic declaration.

So that "expected a whole number from 1 to 65535" cannot drift away from the check itself. Where the type does not say
enough, a field says it: `Annotated[str, Expected(text("HOST:PORT, for example 127.0.0.1:7400"))]`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from runtime.texts import Text, text

_EXPECTED_KEY = "x-expected"


@dataclass(frozen=True, slots=True)
class Expected:
    """Annotation of a field: what it takes, in the operator's words."""

    words: Text

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), _EXPECTED_KEY: self.words}


class UnfitValue(ValueError):
    """What a validator raises when a value has the right type and yet cannot be: the reason, what would do, and, from a
    model validator, the key in its table that is to blame."""

    def __init__(self, reason: Text, *, expected: Text | None = None, key: str | None = None) -> None:
        super().__init__(reason.render())
        self.reason = reason
        self.expected = expected
        self.key = key


Schema = Mapping[str, Any]


@cache
def schema_of(model: type[BaseModel]) -> Schema:
    """The declaration to look things up in: made once, it takes 20 ms of a running daemon's loop."""
    return model.model_json_schema()


def expected_at(schema: Schema, key: tuple[str | int, ...]) -> Text | None:
    """What the setting at `key` takes; None when its declaration says nothing that helps."""
    found = _found(schema, key)
    return None if found is None else _words(schema, found)


def keys_at(schema: Schema, table: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that the table at `table` may hold, () when it is no table."""
    found = _found(schema, table)
    names: dict[str, None] = {}
    for branch in () if found is None else _branches(schema, found):
        names |= dict.fromkeys(branch.get("properties", ()))
    return tuple(names)


def public_names(model: type[BaseModel]) -> frozenset[str]:
    """The keys, in whatever table, whose values may be shown in complaints and logs: all but those declared SecretStr.
    A name that is not among them may be a secret's, misspelt."""
    schema = schema_of(model)
    tables = (schema, *schema.get("$defs", {}).values())
    declared = [(name, held) for table in tables for name, held in table.get("properties", {}).items()]
    secrets = {name for name, held in declared if _may_be_secret(schema, held)}
    return frozenset(name for name, _ in declared if name not in secrets)


def _may_be_secret(schema: Schema, found: Schema) -> bool:
    """Whether a secret may stand there, however it is declared: among alternatives, in a list, in words of its own."""
    if "$ref" in found:
        found = schema["$defs"][found["$ref"].rpartition("/")[2]]
    if found.get("writeOnly") or found.get("format") == "password":
        return True
    inner = [*found.get("anyOf", ()), *found.get("oneOf", ()), *found.get("allOf", ())]
    return any(_may_be_secret(schema, one) for one in [*inner, *([found["items"]] if "items" in found else [])])


def _found(schema: Schema, key: tuple[str | int, ...]) -> Schema | None:
    found: Schema = schema
    for part in key:
        for branch in _branches(schema, found):
            inner = branch.get("items") if isinstance(part, int) else branch.get("properties", {}).get(part)
            if inner is not None:
                found = inner
                break
        else:
            return None
    return found


def _branches(schema: Schema, found: Schema) -> list[Schema]:
    """`found` with its reference followed and its alternatives spread out, null left out."""
    if "$ref" in found:
        held = schema["$defs"][found["$ref"].rpartition("/")[2]]
        beside = {key: value for key, value in found.items() if key == _EXPECTED_KEY}
        return _branches(schema, {**held, **beside})
    if _EXPECTED_KEY in found:
        return [found]
    alternatives = found.get("anyOf") or found.get("oneOf") or found.get("allOf")
    if alternatives is None:
        return [found]
    return [branch for each in alternatives for branch in _branches(schema, each) if branch.get("type") != "null"]


def _words(schema: Schema, found: Schema) -> Text | None:
    words = [each for each in map(_words_of_one, _branches(schema, found)) if each is not None]
    return _either(words) if words else None


def _words_of_one(found: Schema) -> Text | None:
    if _EXPECTED_KEY in found:
        words: Text = found[_EXPECTED_KEY]
        return words
    if "const" in found:
        return _choice([found["const"]])
    if "enum" in found:
        return _choice(found["enum"])
    match found.get("type"):
        case "integer":
            return _range(found, text("a whole number"))
        case "number":
            return _range(found, text("a number"))
        case "boolean":
            return text("true or false")
        case "array":
            return text("a list in [brackets]")
        case "object":
            return text("a table")
        case "string":
            return text("a path in quotes") if found.get("format") == "path" else text("text in quotes")
        case _:
            return None


def _range(found: Schema, number: Text) -> Text:
    low = found.get("minimum")
    high = found.get("maximum")
    above = found.get("exclusiveMinimum")
    if low is not None and high is not None:
        return text("{number} from {low} to {high}", number=number, low=low, high=high)
    if low is not None:
        return text("{number}, {low} or more", number=number, low=low)
    if above is not None and high is not None:
        return text("{number} above {low} and up to {high}", number=number, low=above, high=high)
    if above is not None:
        return text("{number} above {low}", number=number, low=above)
    if high is not None:
        return text("{number}, {high} or less", number=number, high=high)
    return number


def _choice(values: list[Any]) -> Text:
    quoted = [f'"{value}"' for value in values]
    if len(quoted) == 1:
        return text("{value}", value=quoted[0])
    return text("{values} or {last}", values=", ".join(quoted[:-1]), last=quoted[-1])


def _either(words: list[Text]) -> Text:
    whole = words[0]
    for each in words[1:]:
        whole = text("{first}, or {second}", first=whole, second=each)
    return whole
