"""Who gets a call that was meant for another: cases 8, 12, 13, 16.

The rows were worked out by hand from the times in the scenario.
"""

from tests.cdr.ledger.stage import lines, played


def test_directed_pickup() -> None:
    """1000 rings 3 s and is answered elsewhere; no ring-no-answer is held against it."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 3 pickup 1001 1000
        at 9 hangup T001
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>1000 T001: answered; waiting 3, talking 6; 1001
            01712345678 caller 0-9: waiting 3, talking 6; hung_up
            1000 called 0-3: ringing 3; answered_elsewhere
            1001 picked_up 3-9: talking 6; others_left
            | 0-3 waiting | 3-9 talking 1001
        """
    )


def test_answer_and_hang_up_in_the_same_instant() -> None:
    """Answered, though nobody spoke."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 answer 1000
        at 2 hangup T001
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>1000 T001: answered; waiting 2; 1000
            01712345678 caller 0-2: waiting 2; hung_up
            1000 called 0-2: ringing 2; others_left
            | 0-2 waiting
        """
    )


def test_forwarded_always() -> None:
    """1000 never rang and has no part."""
    rows = played(
        """
        at 0 forward 1000 forwardImmediate 1001
        at 1 call_in 01712345678 1000
        at 4 answer 1001
        at 9 hangup T001
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>1000 T001: answered; waiting 3, talking 5; 1001
            01712345678 caller 1-9: waiting 3, talking 5; hung_up
            1001 forwarded 1-9: ringing 3, talking 5; others_left
            | 1-4 waiting | 4-9 talking 1001
        """
    )


def test_forwarded_on_busy() -> None:
    """1000 talks to 1005 meanwhile."""
    rows = played(
        """
        at 0 forward 1000 forwardBusy 1001
        at 1 call 1000 1005
        at 2 answer 1005
        at 3 call_in 01712345678 1000
        at 6 answer 1001
        at 9 hangup T001
        at 10 hangup 1005
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>1000 T001: answered; waiting 3, talking 3; 1001
            01712345678 caller 3-9: waiting 3, talking 3; hung_up
            1001 forwarded 3-9: ringing 3, talking 3; others_left
            | 3-6 waiting | 6-9 talking 1001
        internal 1000>1005: answered; waiting 1, talking 8; 1005
            1000 caller 1-10: waiting 1, talking 8; others_left
            1005 called 1-10: ringing 1, talking 8; hung_up
            | 1-2 waiting | 2-10 talking 1005
        """
    )


def test_forwarded_on_no_answer() -> None:
    """1000 rings for 4 s; the switch then tries 1001."""
    rows = played(
        """
        at 0 forward 1000 forwardNoAns 1001
        at 1 call_in 01712345678 1000
        at 6 answer 1001
        at 11 hangup T001
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>1000 T001: answered; waiting 5, talking 5; 1001
            01712345678 caller 1-11: waiting 5, talking 5; hung_up
            1000 called 1-6: ringing 5; no_answer
            1001 forwarded 6-11: talking 5; others_left
            | 1-6 waiting | 6-11 talking 1001
        """
    )


def test_forwarded_to_the_outside() -> None:
    """From outside to outside; the seconds are nobody's."""
    rows = played(
        """
        at 0 forward 1000 forwardImmediate 01398765
        at 1 call_in 01712345678 1000
        at 4 answer T002
        at 9 hangup T001
        """
    )
    assert rows == lines(
        """
        tandem 01712345678>1000 T001: answered; waiting 3, talking 5
            01712345678 caller 1-9: waiting 3, talking 5; hung_up
            01398765 forwarded 1-9: ringing 3, talking 5; others_left
            | 1-4 waiting | 4-9 talking
        """
    )


def test_forwarded_to_the_outside_and_not_answered() -> None:
    """The caller gives up."""
    rows = played(
        """
        at 0 forward 1000 forwardImmediate 01398765
        at 1 call_in 01712345678 1000
        at 9 hangup T001
        """
    )
    assert rows == lines(
        """
        tandem 01712345678>1000 T001: abandoned ringing; waiting 8
            01712345678 caller 1-9: waiting 8; hung_up
            T002 forwarded 1-9: ringing 8; no_answer
            | 1-9 waiting
        """
    )


def test_deflected() -> None:
    """1000 sends it on while it rings: diverted, and not unanswered."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 deflect 1000 1001
        at 4 answer 1001
        at 9 hangup T001
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>1000 T001: answered; waiting 4, talking 5; 1001
            01712345678 caller 0-9: waiting 4, talking 5; hung_up
            1000 called 0-2: ringing 2; diverted
            1001 forwarded 2-9: ringing 2, talking 5; others_left
            | 0-2 waiting | 2-4 waiting | 4-9 talking 1001
        """
    )


def test_busy() -> None:
    """The caller hears the tone until the switch cuts it."""
    rows = played(
        """
        at 0 call 1000 1001
        at 1 answer 1001
        at 2 call_in 01712345678 1001
        at 10 hangup 1000
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>1001 T001: busy; no time
            01712345678 caller 2-4: failed 2; busy
            | 2-4 failed
        internal 1000>1001: answered; waiting 1, talking 9; 1001
            1000 caller 0-10: waiting 1, talking 9; hung_up
            1001 called 0-10: ringing 1, talking 9; others_left
            | 0-1 waiting | 1-10 talking 1001
        """
    )


def test_outbound_answered() -> None:
    """The outside party is followed from the moment the network was reached."""
    rows = played(
        """
        at 0 call 1000 01398765
        at 3 answer T001
        at 9 hangup 1000
        """
    )
    assert rows == lines(
        """
        outbound 1000>01398765 T001: answered; waiting 3, talking 6; 1000
            1000 caller 0-9: waiting 3, talking 6; hung_up
            01398765 called 0-9: ringing 3, talking 6; others_left
            | 0-3 ringing | 3-9 talking 1000
        """
    )


def test_outbound_not_answered() -> None:
    """Ringing outside, and the caller of ours gives up: no answer, and not a call lost to the centre."""
    rows = played(
        """
        at 0 call 1000 01398765
        at 5 hangup 1000
        """
    )
    assert rows == lines(
        """
        outbound 1000>01398765 T001: no_answer; waiting 5
            1000 caller 0-5: waiting 5; hung_up
            01398765 called 0-5: ringing 5; no_answer
            | 0-5 ringing
        """
    )


def test_number_that_does_not_exist() -> None:
    """Nobody was there to take it."""
    rows = played(
        """
        at 0 call_in 01712345678 1999
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>1999 T001: failed; no time
            01712345678 caller 0-2: failed 2; failed
            | 0-2 failed
        """
    )


def test_hung_up_before_anybody_was_called() -> None:
    """Off hook, and on hook again, while a busy tone sounds."""
    rows = played(
        """
        at 0 call 1000 1999
        at 4 hangup 1000
        """
    )
    assert rows == lines(
        """
        internal 1000>1999: failed; no time
            1000 caller 0-4: failed 4; failed
            | 0-4 failed
        """
    )
