"""Events become records: pure, from each stream's own order alone, the same again from the journal.

``ledger`` is the door; behind it drafts of conversations still open, and what makes records of them.
"""
