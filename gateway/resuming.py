"""How a stream begins: on from where the last process ended, as the journal tells, or anew. Opens the journal."""

from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from gateway.config import JournalSettings
from gateway.history import history
from gateway.journal.journal import Journal
from gateway.journal.opening import Start, open_journal
from model.core import CallModel
from model.view import Licence, Link
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
    now_us = clock.wall_us()
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
    past = history(recovered)
    if past is None:
        model = CallModel(recovered.epoch, link, licence, single_appearance=single_appearance)
    else:
        snapshot = replace(past.snapshot, link=replace(past.snapshot.link, interface=link.interface))
        model = CallModel.resumed(recovered.epoch, snapshot, past.heard_us, single_appearance=single_appearance)
        log.info(
            "state_resumed",
            number=model.number,
            calls=len(snapshot.calls),
            devices=len(snapshot.devices),
            unreadable=past.unreadable,
        )
    return Beginning(model, opened.journal)


def _boot_id() -> str:
    try:
        return BOOT_ID.read_text("ascii")
    except OSError as error:
        log.warning("boot_id_unknown", reason=str(error))
        return ""
