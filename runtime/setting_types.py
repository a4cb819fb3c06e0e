"""What stands in the settings of more than one daemon: lines of text, secrets, spans of time, paths."""

from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from runtime.expected import UnfitValue
from runtime.texts import text

Table = TypeVar("Table", bound=BaseModel)
TABLE: Final = ConfigDict(extra="forbid", frozen=True)
"""Of every table: a key that nobody knows is a mistake."""


def _one_line(written: str) -> str:
    if not written.isprintable():
        raise UnfitValue(
            text("a control character would reach the other side"), expected=text("letters, digits, marks")
        )
    return written


def _one_secret_line(written: SecretStr) -> SecretStr:
    _one_line(written.get_secret_value())
    return written


Seconds = Annotated[float, Field(gt=0, le=3600)]
OneLine = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_one_line)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=255), AfterValidator(_one_secret_line)]


def moved(table: Table, folder: Path, *keys: str) -> Table:
    """A table whose paths are made from ``folder`` where they are relative: that of the file in which they stand."""
    paths = {key: folder / path for key in keys if (path := getattr(table, key)) is not None}
    return table.model_copy(update=paths)
