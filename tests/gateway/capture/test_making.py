"""The settings make the recorder, and their secret stays out of it."""

from pathlib import Path
from typing import Any

from gateway.capture.making import recorder_for
from gateway.config import GatewaySettings
from runtime.clock import HandClock

SWITCH = {"interface": "asterisk", "host": "pbx", "user": "cti", "secret": "s3cret"}


def settings(**capture: object) -> GatewaySettings:
    tables: dict[str, Any] = {"port_cfg": "port.cfg", "switch": SWITCH, "capture": capture}
    return GatewaySettings.model_validate(tables)


def test_without_a_folder_nothing_is_captured() -> None:
    assert recorder_for(settings(), HandClock()) is None


def test_the_secret_is_not_among_what_is_captured(tmp_path: Path) -> None:
    recorder = recorder_for(settings(folder=tmp_path, part_mb=0.5), HandClock())
    assert recorder is not None
    assert recorder._limits.part_bytes == 512 * 1024
    assert recorder._captured.switch["user"] == "cti"
    assert "s3cret" not in repr(recorder._captured)
