"""What the interface asks the database, for whom: filters and pages in, forms out. Synchronous."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi.exceptions import RequestValidationError

from cdr.api.access import OWN_ONLY
from cdr.forms import form_of
from cdr.moments import MICROSECONDS, moment_of
from cdr.records import Direction, Result
from cdr.report.questions import Interval
from cdr.report.report import By, Report, form_of_report, make_report
from cdr.store.diagnosis import StoreFailed
from cdr.store.reader import Filter, PageAfter, Reader
from cdr.story import story_of
from runtime.users_file import User

T = TypeVar("T")


class NotYours(Exception):
    """The role does not see what was asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a list, as they came."""

    begins: str | None
    ends: str | None
    caller: str
    called: str
    device: str
    agent: str
    queue: str
    trunk: str
    direction: Direction | None
    result: Result | None
    incomplete: bool
    limit: int
    after: str | None


class Asking:
    """Questions to one database; it is opened when it is first asked, and again after it has failed."""

    def __init__(self, url: str, zone: ZoneInfo) -> None:
        self.zone = zone
        self._url = url
        self._reader: Reader | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close what is open."""
        with self._lock:
            reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def conversations(self, user: User, asked: Asked) -> dict[str, Any]:
        """A page of conversations."""
        device = asked.device
        if user.role in OWN_ONLY:
            if device not in ("", user.device):
                raise NotYours(f"an agent sees conversations of its own device, {user.device or 'and has none'}")
            device = user.device or " "  # nobody's
        wanted = Filter(
            None if asked.begins is None else self._moment("from", asked.begins),
            None if asked.ends is None else self._moment("to", asked.ends),
            asked.caller, asked.called, device, asked.agent, asked.queue, asked.trunk, asked.direction or "",
            asked.result or "", asked.incomplete,
        )  # fmt: skip
        after = None if asked.after is None else _cursor(asked.after)
        rows = self._ask(lambda reader: reader.page(wanted, after, asked.limit))
        following = f"{rows[-1].began_us}.{rows[-1].conversation_id}" if len(rows) == asked.limit else None
        return {"conversations": [form_of(row) for row in rows], "next": following}

    def story(self, user: User, conversation_id: str) -> dict[str, Any] | None:
        """A conversation with everything that belongs to it; None for one that there is not, or is not the user's."""

        story = self._ask(lambda reader: story_of(reader, conversation_id))
        if story is None or (user.role in OWN_ONLY and user.device not in story.devices):
            return None
        return story.form()

    def report_form(
        self, user: User, by: By, begins: str, ends: str | None, within: float, direction: Direction | None
    ) -> dict[str, Any]:
        """One report."""
        (report,) = self.reports(user, (by,), begins, ends, within, direction)
        form = form_of_report(report)
        return {**form, "begins": form["from"], "ends": form["to"]}

    def reports(
        self, user: User, sorts: Sequence[By], begins: str, ends: str | None, within: float, direction: Direction | None
    ) -> list[Report]:
        """Reports of one time."""
        if user.role in OWN_ONLY:
            raise NotYours("reports are not for agents")
        begins_us = self._moment("from", begins)
        ends_us = _now_us() if ends is None else self._moment("to", ends)
        if ends_us <= begins_us:
            raise unfit("to", "it is not after `from`")
        interval = Interval(begins_us, ends_us, round(within * MICROSECONDS))

        def ask(reader: Reader) -> list[Report]:
            with reader.connection() as connection:
                return [make_report(connection, by, interval, self.zone, direction) for by in sorts]

        return self._ask(ask)

    def _ask(self, question: Callable[[Reader], T]) -> T:
        with self._lock:
            if self._reader is None:
                self._reader = Reader.open(self._url)
            reader = self._reader
        try:
            return question(reader)
        except StoreFailed:
            self.close()
            raise

    def _moment(self, name: str, text: str) -> int:
        try:
            return moment_of(text, self.zone, _now_us())
        except (ValueError, OverflowError) as error:
            raise unfit(name, str(error)) from None


def _cursor(text: str) -> PageAfter:
    began, dot, conversation_id = text.partition(".")
    if not dot or not began.isascii() or not began.isdigit() or len(began) > 18:
        raise unfit("after", "expected the `next` of the page before")
    return PageAfter(int(began), conversation_id)


def unfit(name: str, text: str) -> RequestValidationError:
    """What is said of a parameter that cannot be asked."""
    return RequestValidationError([{"loc": ("query", name), "msg": text, "type": "value_error"}])


def _now_us() -> int:
    return time.time_ns() // 1000
