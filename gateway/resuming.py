"""How a stream begins: on from where the last process ended, as the journal tells, or anew. Opens the journal.

What the journal tells may be less than what was published: events of an outage, a damaged record or checkpoint.
Subscribers who were there know more, and nothing that follows would take it back. So one more number is given up then:
whoever resumes finds a gap there, and gets a snapshot.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from gateway.config import JournalSettings
from gateway.history import History, history
from gateway.journal.journal import Journal
from gateway.journal.opening import Opened, Start, open_journal
from gateway.journal.refusals import unreadable
from model.core import CallModel
from model.ids import Microseconds
from model.view import Licence, Link, Snapshot
from runtime.clock import Clock
from runtime.problems import Problem, render
from runtime.tasks import StartRefused
from runtime.texts import Language

log = structlog.get_logger("gateway.journal")

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Another one after each start of the machine (Linux, random(4))."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The model to go on with, and the journal that its events go to (None: memory only)."""

    model: CallModel
    journal: Journal | None


def begin(
    settings: JournalSettings, link: Link, licence: Licence, clock: Clock, *, single_appearance: bool
) -> Beginning:
    """Open the journal and bring back what it tells; ``StartRefused`` with what to change when it cannot be opened.

    ``link`` and ``licence`` are as this process begins. A resumed model's link is still as it was last published.
    """
    now_us = Microseconds(clock.wall_us())
    if settings.folder is None:
        return Beginning(CallModel(now_us, link, licence, single_appearance=single_appearance), None)
    start = Start(_boot_id(), now_us, now_us)
    opened = open_journal(settings.folder, settings.limits, start, settings.consumers)
    if isinstance(opened, Problem):
        raise StartRefused(f"[journal] folder: {render(opened)}")
    recovered = opened.recovered
    for mended in recovered.mended:
        log.warning("journal_mended", text=mended.render(Language.EN))
    if recovered.reason is not None:
        log.warning("epoch_began", epoch=recovered.epoch, reason=recovered.reason.value)
    past = bring_back(opened, settings.folder, now_us)
    if recovered.reason is not None and past is None:
        model = CallModel(recovered.epoch, link, licence, single_appearance=single_appearance)
        return Beginning(model, opened.journal)
    if recovered.reason is None and (past is None or past.unreadable or recovered.holes):
        opened.journal.give_up_next(now_us)
        log.warning("state_incomplete", number=opened.journal.last)
    if past is None:
        past = History(Snapshot(0, link, licence, (), ()), now_us)
    told = past.snapshot
    snapshot = replace(told, number=opened.journal.last, link=replace(told.link, interface=link.interface))
    model = CallModel.resumed(recovered.epoch, snapshot, past.heard_us, single_appearance=single_appearance)
    log.info(
        "state_resumed",
        number=model.number,
        calls=len(snapshot.calls),
        devices=len(snapshot.devices),
        unreadable=past.unreadable,
    )
    return Beginning(model, opened.journal)


def bring_back(opened: Opened, folder: Path, now_us: int) -> History | None:
    """What the journal tells of the state; when its disk does not give it, the journal is closed: ``StartRefused``."""
    try:
        return history(opened.recovered)
    except OSError as error:
        opened.journal.close(now_us)
        problem = unreadable(Path(error.filename or folder), error)
        raise StartRefused(f"[journal] folder: {render(problem)}") from error


def _boot_id() -> str:
    try:
        return BOOT_ID.read_text("ascii")
    except OSError as error:
        log.warning("boot_id_unknown", reason=str(error))
        return ""
