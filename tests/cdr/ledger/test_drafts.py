"""The ledger's memory comes back from text; what cannot be read is named. That nothing is lost or counted twice by it
is held in ``test_ledger``.
"""

import pytest

from cdr.ledger.drafts import DraftUnreadable, Memory
from cdr.ledger.ledger import CTI, Ledger
from cdr.records import Draft
from model.states import PortKind
from tests.cdr.ledger.stage import EPOCH, ledger_of, told
from tests.cdr.ledger.test_ledger import cti_of

STREAM = told("at 0 call_in 01712345678 1000\nat 2 answer 1000\nat 30 hangup T001")


def in_mid_call() -> tuple[Ledger, Memory]:
    ledger, memory = ledger_of(STREAM, (CTI,)), Memory()
    for event in STREAM.events[:2]:
        ledger.take(EPOCH, event)
    for told_by_cti in cti_of(STREAM, 1)[:9]:
        ledger.take_centre(CTI, 9, told_by_cti)
    return ledger, memory


def test_everything_comes_back() -> None:
    ledger, memory = in_mid_call()
    drafts = memory.changes(ledger)
    again = Ledger((CTI,))
    Memory().remember(again, drafts)
    assert again.stories == ledger.stories
    assert again.desks.desks == ledger.desks.desks
    assert again.kinds == ledger.kinds
    assert again.kinds["6000"] is PortKind.QUEUE
    assert (again.taken, again.heard_us, again.desks.mark) == (ledger.taken, ledger.heard_us, ledger.desks.mark)


def test_only_what_has_changed_is_written_again() -> None:
    ledger, memory = in_mid_call()
    memory.changes(ledger)
    assert [draft.kind for draft in memory.changes(ledger)] == ["state"]
    ledger.take(EPOCH, STREAM.events[2])
    assert {draft.kind for draft in memory.changes(ledger)} == {"state", "conversation"}


@pytest.mark.parametrize(
    "draft",
    [
        Draft("conversation", "1:1", "{"),
        Draft("conversation", "1:1", "{}"),
        Draft("device", "1000", "SOFA"),
        Draft("desk", "9:1", "[]"),
        Draft("state", "state", '{"taken": [1, 2]}'),
        Draft("furniture", "7", "{}"),
    ],
)
def test_what_cannot_be_read_is_named(draft: Draft) -> None:
    with pytest.raises(DraftUnreadable, match=f"^draft {draft.kind} {draft.key}: "):
        Memory().remember(Ledger(), [draft])
