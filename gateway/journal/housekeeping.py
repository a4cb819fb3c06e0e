"""Deleting what is not kept, and writing down the places of durable consumers. Carries out what `retention` decides."""

from pathlib import Path

from gateway.journal import files
from gateway.journal.catalogue import Catalogue
from gateway.journal.consumers import Consumers, remember_consumers
from gateway.journal.limits import JournalLimits
from gateway.journal.refusals import why_unwritable
from gateway.journal.retention import Kept, plan
from gateway.journal.segment_header import ASIDE
from gateway.journal.values import Retained
from runtime.texts import Text, text


class Housekeeping:
    """Of one open journal."""

    def __init__(
        self, folder: Path, limits: JournalLimits, reading: files.Reading, catalogue: Catalogue, consumers: Consumers
    ) -> None:
        self.consumers = consumers
        self._folder = folder
        self._limits = limits
        self._reading = reading
        self._catalogue = catalogue

    def retain(self, newest: int, now_us: int) -> Retained:
        """One round, with `newest` as the last number used. No OSError: what cannot be deleted is tried again in
        the next round."""
        problems = self.remember()
        try:
            aside = self._aside()
        except OSError as error:
            return Retained(problems=(*problems, _not_deleted(str(self._folder), error)))
        held = [*aside, *self._segments(newest)]
        decided = plan(held, self.consumers.places, now_us, self._limits)
        deleted = []
        for file in decided.delete:
            try:
                files.delete(self._folder / file.name)
            except OSError as error:
                problems = (*problems, _not_deleted(file.name, error))
                break
            self._reading.forget(file.name)
            deleted.append(file.name)
        gone = set(deleted)
        for segment in [each for each in self._catalogue.segments if each.header.name in gone]:
            self._catalogue.remove(segment)
        return Retained(tuple(deleted), decided.behind, problems)

    def confirm(self, consumer: str, number: int, newest: int) -> bool:
        """Take a confirmation; False, and nothing is changed, beyond `newest` and for a name that is not known."""
        if number > newest or consumer not in self.consumers.places:
            return False
        self.consumers.confirm(consumer, number)
        return True

    def remember(self) -> tuple[Text, ...]:
        """Write the consumers' places down if they changed; in words why not."""
        if not self.consumers.is_changed:
            return ()
        try:
            remember_consumers(self._folder, self.consumers)
        except OSError as error:
            why = why_unwritable(error)
            return (text("the places of the durable consumers cannot be written: {reason}", reason=why),)
        return ()

    def _aside(self) -> list[Kept]:
        kept = []
        for name in files.names(self._folder):
            if name.endswith(ASIDE):
                size, changed_us = files.size_and_time(self._folder / name)
                kept.append(Kept(name, size, changed_us))
        return kept

    def _segments(self, newest: int) -> list[Kept]:
        segments = self._catalogue.segments
        kept = []
        for segment, following in zip(segments, [*segments[1:], None], strict=False):
            header = segment.header
            is_readable = header.epoch == self._catalogue.epoch
            last, newest_us = newest, header.created_us
            if following is not None:
                last, newest_us = following.first - 1, following.header.created_us
            kept.append(Kept(header.name, segment.size, newest_us, header.first, last, is_readable))
        return kept


def _not_deleted(file: str, error: OSError) -> Text:
    return text("{file} cannot be deleted: {reason}", file=file, reason=why_unwritable(error))
