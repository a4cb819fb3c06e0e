"""Logs are an interface: one event a line, its keys from one vocabulary, readable on a terminal, JSON elsewhere.

Set up once by a daemon's entry (`open_log`); everybody else calls `structlog.get_logger()` and names events in
snake_case, past tense: `log.info("link_lost", peer=…, reason=…)`. Must not decide what is worth logging; how a line
looks is `log_lines`, where it goes is `log_file`.
"""

import enum
import sys
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict

from runtime.log_file import LogFile
from runtime.log_lines import json_line, text_line
from runtime.problems import Problem


class Level(enum.IntEnum):
    """How bad. ERROR: our bug or lost data; WARNING: the outside misbehaved and we coped; INFO: life cycle and one line
    for each ended call and session; DEBUG: every frame and transition."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40

    @classmethod
    def named(cls, name: str) -> "Level":
        """The level of a name in any case; KeyError when there is none."""
        return cls[name.upper()]


class LevelName(enum.StrEnum):
    """`[log] level`."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Format(enum.StrEnum):
    """`[log] format`. AUTO: text on a terminal, JSON in a file or pipe."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


class LogSettings(BaseModel):
    """The `[log]` table of every daemon's configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Path | None = None
    """None: standard error."""
    level: LevelName = LevelName.INFO
    format: Format = Format.AUTO


@dataclass(slots=True)
class _Threshold:
    level: Level


@dataclass(slots=True)
class Log:
    """The daemon's open log: what can be changed, and asked, while it runs."""

    settings: LogSettings
    _threshold: _Threshold
    _file: LogFile

    @property
    def level(self) -> Level:
        """The lowest level that is written."""
        return self._threshold.level

    def set_level(self, level: Level) -> None:
        """From the next line on, for every logger, those already bound included."""
        self._threshold.level = level

    @property
    def lines_lost(self) -> int:
        """Lines that could be written neither to the file nor to standard error."""
        return self._file.lines_lost

    def close(self) -> None:
        """Close the file; a later line opens it again."""
        self._file.close()


def open_log(settings: LogSettings, *, daemon: str) -> Log:
    """Set structlog up for this process; `daemon` stands in every line. Raises nothing: an unusable file is told on
    standard error when the first line comes. Called again, it replaces what was set up before."""
    file = LogFile(settings.file)
    threshold = _Threshold(Level.named(settings.level))
    on_terminal = settings.file is None and sys.stderr.isatty()
    as_text = settings.format is Format.TEXT or (settings.format is Format.AUTO and on_terminal)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            # Eyes compare with the clock on the wall, programs with other machines.
            structlog.processors.TimeStamper(fmt="iso", utc=not as_text, key="time"),
            structlog.processors.format_exc_info,
            _Renderer(daemon, text_line if as_text else json_line),
        ],
        wrapper_class=_logger_class(threshold),
        logger_factory=_SinkFactory(file),
        cache_logger_on_first_use=False,
    )
    return Log(settings, threshold, file)


def log_problem(logger: Any, problem: Problem) -> None:
    """A problem of a file as one log line."""
    level = logger.error if problem.is_error else logger.warning
    level("file_problem", place=f"{problem.file}:{problem.line or 0}", code=problem.code, text=problem.message.render())


def _logger_class(threshold: _Threshold) -> type[structlog.BoundLoggerBase]:
    """A logger whose calls below the threshold cost a comparison, and whose threshold moves while it runs."""

    class LevelledLogger(structlog.BoundLoggerBase):
        def is_enabled_for(self, level: int) -> bool:
            return level >= threshold.level

        def debug(self, event: str, **values: Any) -> None:
            if threshold.level <= Level.DEBUG:
                self._proxy_to_logger("debug", event, **values)

        def info(self, event: str, **values: Any) -> None:
            if threshold.level <= Level.INFO:
                self._proxy_to_logger("info", event, **values)

        def warning(self, event: str, **values: Any) -> None:
            if threshold.level <= Level.WARNING:
                self._proxy_to_logger("warning", event, **values)

        def error(self, event: str, **values: Any) -> None:
            self._proxy_to_logger("error", event, **values)

        def exception(self, event: str, **values: Any) -> None:
            self._proxy_to_logger("error", event, **({"exc_info": True} | values))

    return LevelledLogger


@dataclass(frozen=True, slots=True)
class _Renderer:
    daemon: str
    render: Callable[[Mapping[str, Any]], str]

    def __call__(self, _logger: Any, _method: str, values: MutableMapping[str, Any]) -> str:
        return self.render({"daemon": self.daemon, **values})


@dataclass(frozen=True, slots=True)
class _Sink:
    """The logger that structlog wraps: takes finished lines."""

    file: LogFile

    def debug(self, line: str) -> None:
        self.file.write_line(line)

    info = warning = error = debug


@dataclass(frozen=True, slots=True)
class _SinkFactory:
    file: LogFile

    def __call__(self, *_: Any) -> _Sink:
        return _Sink(self.file)
