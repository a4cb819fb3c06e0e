"""The same rows on both sides, into the same tables; and a ratio of the two."""

from bench.records import CONVERSATIONS_A_BATCH, bare_rows, batch_of, measure, sqlite
from cdr.records import ConversationRecord
from cdr.store.store import Store

BATCHES = 6


def test_both_sides_write_the_same_rows() -> None:
    with sqlite() as (url, insert):
        outcome = measure(url, insert, BATCHES)
        store = Store.open(url)
        stored = store.records(ConversationRecord)
        drafts, places = store.drafts(), store.places()
        store.close()
    identities = {one.conversation_id for one in stored}
    ours = {one for one in identities if not one.endswith("b")}
    assert len(ours) == BATCHES * CONVERSATIONS_A_BATCH
    assert identities - ours == {f"{one}b" for one in ours}
    assert len(drafts) == CONVERSATIONS_A_BATCH, "those of the batch before are forgotten"
    assert places[0].number == BATCHES
    assert outcome["rows_a_batch"] == sum(map(len, bare_rows(batch_of(0)).values()))
    assert outcome["share"] > 0
