"""Lines, secrets and paths of settings."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from runtime.setting_types import TABLE, OneLine, Seconds, Secret, moved


class Settings(BaseModel):
    model_config = TABLE

    name: OneLine = "n"
    wait: Seconds = 1.0
    secret: Secret | None = None
    near: Path = Path("near")
    far: Path = Path("/far")
    none: Path | None = None


@pytest.mark.parametrize("written", [{"name": "a\nb"}, {"name": ""}, {"secret": "a\rb"}, {"wait": 0}, {"nane": "x"}])
def test_what_cannot_be_is_refused(written: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(written)


def test_a_secret_is_not_shown() -> None:
    assert "hidden" not in repr(Settings.model_validate({"secret": "hidden"}))


def test_relative_paths_begin_at_the_folder_of_the_file() -> None:
    settings = moved(Settings(), Path("/etc/ultra"), "near", "far", "none")
    assert (settings.near, settings.far, settings.none) == (Path("/etc/ultra/near"), Path("/far"), None)
