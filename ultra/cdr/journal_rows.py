"""What a gateway's journal says the rows must be, and how those in a database differ from it."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from cdr.ledger.ledger import CTI, GATEWAY, IVR
from cdr.masking import Masking, masked
from cdr.rebuild import OF_A_CONVERSATION, Difference, Key, Rebuild, differences, key_of
from cdr.records import AgentPeriodRecord, AgentSessionRecord, ConversationRecord, IvrSessionRecord, Place, Record
from cdr.store.reader import Filter, Reader
from cdr.store.rows import record_of, row_of
from gateway.journal.limits import EPOCH_MAX
from gateway.journal.read_back import KeptEvent, KeptHole, NewerJournal, read_back
from gateway.journal.values import Checkpoint
from model.centre_events import CentreEvent
from model.ids import EventId
from protocol.centre_json import UnfitJson, centre_event_of
from protocol.codec import decode
from protocol.errors import Problem
from protocol.frame import FrameReader
from protocol.limits import BODY_BYTES_MAX_SERVER
from protocol.snapshots import read_snapshot

OF_A_STREAM: Final = {CTI: (AgentSessionRecord, AgentPeriodRecord), IVR: (IvrSessionRecord,)}


@dataclass(frozen=True, slots=True)
class FromJournal:
    """``rows`` in their last revision, as far as the database has come; ``later``: conversations that are over only
    after that, or not at all. ``events`` read, ``holes`` in them, ``unreadable`` of another version."""

    rows: dict[Key, Record]
    later: set[str]
    events: int
    holes: int
    unreadable: int


def rows_of_journal(
    journal: Path, place: Place, centre: dict[str, Path], took: Callable[[int], None] = lambda _events: None
) -> FromJournal:
    """Read a journal, and the events of other streams from files; ``place`` is how far the database has come. A folder
    or file that cannot be read ends the command in words."""
    rebuild = Rebuild(place.name, {name: _events_in(path) for name, path in centre.items()})
    reader = FrameReader(BODY_BYTES_MAX_SERVER)
    holes = unreadable = 0
    try:
        for kept in read_back(journal):
            if isinstance(kept, KeptHole):
                holes += 1
            elif isinstance(kept, Checkpoint):
                snapshot = read_snapshot(FrameReader(BODY_BYTES_MAX_SERVER).receive(kept.content))
                if isinstance(snapshot, Problem):
                    unreadable += 1
                else:
                    rebuild.take_snapshot(kept.epoch, snapshot)
            else:
                unreadable += _take(rebuild, kept, reader)
                took(1)
    except OSError as error:
        raise click.ClickException(f"{error.filename or journal}: {error.strerror}") from error
    except NewerJournal as error:
        raise click.ClickException(str(error)) from error
    rebuild.close()
    if not rebuild.events:
        raise click.ClickException(f"{journal} holds no event of a gateway: expected the folder of its [journal]")
    up_to = EventId(place.epoch, place.number)
    return FromJournal(rebuild.rows(up_to), rebuild.later(up_to), rebuild.events, holes, unreadable)


def _take(rebuild: Rebuild, kept: KeptEvent, reader: FrameReader) -> int:
    """How many of the frame's events could not be read: 0 or 1."""
    for frame in reader.receive(kept.frame):
        event = decode(frame.kind, frame.number, frame.body)
        if isinstance(event, Problem):
            return 1
        rebuild.take(kept.epoch, event)
    return 0


def _events_in(path: Path) -> Iterator[CentreEvent]:
    """Of a file as ``ultra feed`` serves it."""
    try:
        with path.open("rb") as file:
            number = 0
            for at, line in enumerate(file, start=1):
                if line.strip():
                    number += 1
                    try:
                        yield centre_event_of(json.loads(line), number)
                    except (UnfitJson, ValueError, RecursionError) as error:
                        raise click.ClickException(f"{path}:{at}: {error}") from error
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error


def place_of(reader: Reader, given: Iterable[str]) -> Place:
    """How far the gateway's stream has been written; everything, where no daemon has written yet. Ends the command when
    other streams have told of the rows, too, that are not ``given``."""
    places = {place.stream: place for place in reader.places()}
    if missing := sorted(places.keys() - {GATEWAY, *given}):
        options = ", ".join(f"--{name} FILE" for name in missing)
        raise click.ClickException(
            f"the rows hold what {' and '.join(missing)} told as well: name the events, {options}"
        )
    return places.get(GATEWAY, Place(GATEWAY, GATEWAY, EPOCH_MAX, 0))


def found_differences(reader: Reader, expected: FromJournal, streams: Iterable[str], zone: str) -> list[Difference]:
    """How the database differs. Only what the journal tells whole is looked at; what is still going on is not."""
    wanted = {key: _stored(record, zone) for key, record in expected.rows.items()}
    kinds: tuple[Any, ...] = OF_A_CONVERSATION + tuple(kind for one in streams for kind in OF_A_STREAM[one])
    conversations = {identity for kind, identity in wanted if kind is ConversationRecord}
    wanted |= _as_masked(wanted, reader.masked(conversations))
    found: dict[Key, Record] = {}
    for kind in kinds:
        identities = [identity for its, identity in wanted if its is kind]
        held = (
            reader.of_conversations(kind, conversations) if kind in OF_A_CONVERSATION else reader.find(kind, identities)
        )
        found |= {key_of(record): record for record in held}
    found |= {key_of(one): one for one in _strangers(reader, wanted, conversations | expected.later)}
    return sorted(
        differences({key: one for key, one in wanted.items() if key[0] in kinds}, found), key=lambda one: one.key[1]
    )


def _as_masked(wanted: dict[Key, Record], how: dict[str, str]) -> dict[Key, Record]:
    """What is expected of the conversations whose numbers are unreadable by now."""
    parts: dict[str, list[Record]] = defaultdict(list)
    for record in wanted.values():
        name = getattr(record, "conversation_id", "")
        if name in how:
            parts[name].append(record)
    hidden = (one for name, records in parts.items() for one in masked(records, Masking(how[name])))
    return {key_of(one): one for one in hidden}


def _strangers(reader: Reader, wanted: dict[Key, Record], known: set[str]) -> Iterator[ConversationRecord]:
    """Conversations of the journal's time that it does not know."""
    began = [one.began_us for one in wanted.values() if isinstance(one, ConversationRecord)]
    if not began:
        return
    for one in reader.conversations(Filter(began_us=min(began), before_us=max(began) + 1)):
        if one.conversation_id not in known:
            yield one


def _stored(record: Record, zone: str) -> Record:
    """As it comes back from a table: texts cut, what cannot be stored replaced."""
    return record_of(type(record), row_of(record, zone))
