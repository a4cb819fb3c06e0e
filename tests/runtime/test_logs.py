"""From a structlog call to the line in the file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import ValidationError

from runtime.logs import Format, Level, LevelName, Log, LogSettings, open_log


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ultralnk.log"


@pytest.fixture(autouse=True)
def set_up_again() -> Iterator[None]:
    """structlog's set-up belongs to the process: leave it as it was."""
    held = structlog.get_config()
    yield
    structlog.configure(**held)


def opened(path: Path, **settings: Any) -> Log:
    return open_log(LogSettings(file=path, **settings), daemon="ultralnk")


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_in_a_file_auto_means_json_with_time_in_utc(path: Path) -> None:
    opened(path)
    structlog.get_logger().info("link_lost", peer="192.0.2.1", reason="connection reset")
    (line,) = lines_of(path)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "daemon": "ultralnk",
        "event": "link_lost",
        "peer": "192.0.2.1",
        "reason": "connection reset",
    }


def test_text_can_be_asked_for(path: Path) -> None:
    opened(path, format=Format.TEXT)
    structlog.get_logger().warning("link_lost", peer="192.0.2.1")
    assert path.read_text().endswith(" WARNING ultralnk link_lost peer=192.0.2.1\n")


def test_lines_below_the_level_are_not_written(path: Path) -> None:
    opened(path, level=LevelName.WARNING)
    log = structlog.get_logger()
    log.debug("frame_sent")
    log.info("link_opened")
    log.warning("link_lost")
    log.error("event_lost")
    assert [line["event"] for line in lines_of(path)] == ["link_lost", "event_lost"]


def test_the_level_changes_while_running_for_loggers_already_bound(path: Path) -> None:
    log = opened(path)
    bound = structlog.get_logger().bind(call_id="c1")
    bound.debug("hidden")
    assert not bound.is_enabled_for(Level.DEBUG)
    log.set_level(Level.DEBUG)
    assert bound.is_enabled_for(Level.DEBUG)
    bound.debug("shown")
    log.set_level(Level.ERROR)
    bound.warning("hidden again")
    assert log.level is Level.ERROR
    assert [(line["event"], line["call_id"]) for line in lines_of(path)] == [("shown", "c1")]


def test_an_exception_comes_with_its_traceback_in_one_line(path: Path) -> None:
    opened(path)
    try:
        raise ValueError("boom")
    except ValueError:
        structlog.get_logger().exception("task_crashed")
    (line,) = lines_of(path)
    assert line["level"] == "error"
    assert line["exception"].endswith("ValueError: boom")


def test_lines_lost_are_counted_and_a_closed_log_opens_again(path: Path) -> None:
    log = opened(path)
    structlog.get_logger().info("first")
    log.close()
    structlog.get_logger().info("second")
    assert log.lines_lost == 0
    assert [line["event"] for line in lines_of(path)] == ["first", "second"]


def test_opened_again_it_writes_to_the_new_file(path: Path, tmp_path: Path) -> None:
    opened(path)
    other = tmp_path / "other.log"
    opened(other)
    structlog.get_logger().info("moved")
    assert not path.exists()
    assert len(lines_of(other)) == 1


@pytest.mark.parametrize("settings", [{"level": "loud"}, {"format": "xml"}, {"colour": True}, {"file": 7}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LogSettings(**settings)


@pytest.mark.parametrize("name", ["debug", "INFO", "Warning", "error"])
def test_a_level_has_a_name_in_any_case(name: str) -> None:
    assert Level.named(name).name == name.upper()


def test_an_unknown_level_has_none() -> None:
    with pytest.raises(KeyError):
        Level.named("loud")
