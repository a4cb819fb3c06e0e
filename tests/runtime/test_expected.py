"""What a setting takes, read off its declaration."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr

from runtime.expected import Expected, UnfitValue, expected_at, keys_at, public_names, schema_of
from runtime.texts import text


class CstaXml(BaseModel):
    kind: Literal["csta-xml"]
    seconds: float = Field(gt=0, le=60)


class Asterisk(BaseModel):
    kind: Literal["asterisk"]
    secret: SecretStr | None


class Peer(BaseModel):
    port: int = Field(ge=1)


class Settings(BaseModel):
    link: CstaXml | Asterisk
    depth: int = Field(le=9)
    weight: float = Field(gt=0)
    number: int | None = None
    mixed: bool | int = 0
    word: Literal["only"] = "only"
    peers: list[Peer] = []
    pins: list[SecretStr] = []
    listen: Annotated[str, Expected(text("HOST:PORT"))] = ""
    anything: object = None


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (("link", "seconds"), "a number above 0 and up to 60"),
        (("link", "secret"), "text in quotes"),
        (("link",), "a table, or a table"),
        (("depth",), "a whole number, 9 or less"),
        (("weight",), "a number above 0"),
        (("number",), "a whole number"),
        (("mixed",), "true or false, or a whole number"),
        (("word",), '"only"'),
        (("peers",), "a list in [brackets]"),
        (("peers", 3), "a table"),
        (("peers", 3, "port"), "a whole number, 1 or more"),
        (("listen",), "HOST:PORT"),
    ],
)
def test_a_setting_says_what_it_takes(key: tuple[str | int, ...], words: str) -> None:
    expected = expected_at(schema_of(Settings), key)
    assert expected is not None
    assert expected.render() == words


@pytest.mark.parametrize("key", [("absent",), ("depth", "deeper"), ("anything",)])
def test_nothing_is_made_up_where_the_declaration_says_nothing(key: tuple[str | int, ...]) -> None:
    assert expected_at(schema_of(Settings), key) is None


def test_the_keys_of_a_table_are_those_of_all_its_forms() -> None:
    schema = schema_of(Settings)
    assert keys_at(schema, ("link",)) == ("kind", "seconds", "secret")
    assert keys_at(schema, ("peers", 0)) == ("port",)
    assert keys_at(schema, ("depth",)) == ()
    assert keys_at(schema, ("absent",)) == ()


def test_a_validator_s_reason_is_kept_with_its_key() -> None:
    error = UnfitValue(text("too small"), expected=text("more"), key="port")
    assert (str(error), error.key) == ("too small", "port")


def test_every_key_is_public_but_the_secrets() -> None:
    names = public_names(Settings)
    assert {"link", "kind", "seconds", "depth", "port", "anything"} <= names
    assert names.isdisjoint(("secret", "pins", "absent"))
