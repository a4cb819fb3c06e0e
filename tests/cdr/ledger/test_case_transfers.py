"""Transfers: cases 1 to 4, 14. Who gave the call away ends there, who stays is followed, and each second is credited to
one.

The rows were worked out by hand from the times in the scenario.
"""

from tests.cdr.ledger.stage import lines, played


def test_blind_transfer_by_the_called_party() -> None:
    """0-2 it rings at 1000, who talks 8 s and sends the caller on; 1001 rings 3 s and talks 7 s. Talk is 8 + 7."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 answer 1000
        at 10 single_step 1000 1001
        at 13 answer 1001
        at 20 hangup T001
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>1000 T001: answered; waiting 5, talking 15; 1000 to 1001; 1 transfers
            01712345678 caller 0-20: waiting 5, talking 15; hung_up
            1000 called 0-10: ringing 2, talking 8; transferred
            1001 transferred_to 10-20: ringing 3, talking 7; others_left
            | 0-2 waiting | 2-10 talking 1000 | 10-13 waiting | 13-20 talking 1001
        """
    )


def test_blind_transfer_by_the_caller_after_a_hold() -> None:
    """Nobody is outside: the caller is followed, and after the transfer whoever stays. 3 s talk, 3 s hold, 10 s talk
    with 1002."""
    rows = played(
        """
        at 0 call 1000 1001
        at 2 answer 1001
        at 5 hold 1000
        at 8 retrieve 1000
        at 8 single_step 1000 1002
        at 10 answer 1002
        at 20 hangup 1002
        """
    )
    assert rows == lines(
        """
        internal 1000>1001: answered; waiting 4, talking 13; 1001 to 1002; 1 transfers
            1000 caller 0-8: waiting 2, talking 3, holding 3; transferred
            1001 called 0-20: waiting 2, ringing 2, talking 13, held 3; others_left
            1002 transferred_to 8-20: ringing 2, talking 10; hung_up
            | 0-2 waiting | 2-5 talking 1001 | 5-8 holding | 8-10 waiting | 10-20 talking 1002
        """
    )


def test_blind_transfer_that_nobody_answers() -> None:
    """The caller gives up while 1001 rings: lost although 1000 had answered; answered 2 s after the beginning all the
    same."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 answer 1000
        at 10 single_step 1000 1001
        at 25 hangup T001
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>1000 T001: abandoned ringing; waiting 17, talking 8; 1000; 1 transfers
            01712345678 caller 0-25: waiting 17, talking 8; hung_up
            1000 called 0-10: ringing 2, talking 8; transferred
            1001 transferred_to 10-25: ringing 15; no_answer
            | 0-2 waiting | 2-10 talking 1000 | 10-25 waiting
        """
    )


def test_consultation_that_is_not_answered_and_returns() -> None:
    """5 s of the caller's time are hold; the consultation is a conversation of its own that nobody answered."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 answer 1000
        at 10 consult 1000 1001
        at 15 reconnect 1000
        at 18 hangup T001
        """
    )
    assert rows == lines(
        """
        internal 1000>1001: no_answer; waiting 5
            1000 caller 10-15: waiting 5; hung_up
            1001 consulted 10-15: ringing 5; no_answer
            | 10-15 waiting
        inbound 01712345678>1000 T001: answered; waiting 2, talking 11, held 5; 1000
            01712345678 caller 0-18: waiting 2, talking 11, held 5; hung_up
            1000 called 0-18: ringing 2, talking 11, holding 5; others_left
            | 0-2 waiting | 2-10 talking 1000 | 10-15 held | 15-18 talking 1000
        """
    )


def test_consultation_swapped_and_transferred() -> None:
    """The caller is on hold 10-15 and 18-20, in between 1000 has swapped. The consultation ends with the transfer and
    points to the caller's conversation, where 1001 goes on."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 answer 1000
        at 10 consult 1000 1001
        at 13 answer 1001
        at 15 alternate 1000
        at 18 alternate 1000
        at 20 transfer 1000
        at 30 hangup 1001
        """
    )
    assert rows == lines(
        """
        internal 1000>1001: answered; waiting 3, talking 4; 1001; joined another
            1000 caller 10-20: waiting 3, talking 4, holding 3; transferred
            1001 consulted 10-20: ringing 3, talking 4, held 3; joined
            | 10-13 waiting | 13-15 talking 1001 | 15-18 holding | 18-20 talking 1001
        inbound 01712345678>1000 T001: answered; waiting 2, talking 21, held 7; 1000 to 1001; 1 transfers
            01712345678 caller 0-30: waiting 2, talking 21, held 7; others_left
            1000 called 0-20: ringing 2, talking 11, holding 7; transferred
            1001 transferred_to 20-30: talking 10; hung_up
            | 0-2 waiting | 2-10 talking 1000 | 10-15 held | 15-18 talking 1000 | 18-20 held | 20-30 talking 1001
        """
    )


def test_consultation_cancelled() -> None:
    """1001's two seconds belong to the consultation and to nobody's customer."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 answer 1000
        at 10 consult 1000 1001
        at 13 answer 1001
        at 15 reconnect 1000
        at 20 hangup T001
        """
    )
    assert rows == lines(
        """
        internal 1000>1001: answered; waiting 3, talking 2; 1001
            1000 caller 10-15: waiting 3, talking 2; hung_up
            1001 consulted 10-15: ringing 3, talking 2; others_left
            | 10-13 waiting | 13-15 talking 1001
        inbound 01712345678>1000 T001: answered; waiting 2, talking 13, held 5; 1000
            01712345678 caller 0-20: waiting 2, talking 13, held 5; hung_up
            1000 called 0-20: ringing 2, talking 13, holding 5; others_left
            | 0-2 waiting | 2-10 talking 1000 | 10-15 held | 15-20 talking 1000
        """
    )


def test_transferrer_leaves_while_the_target_rings() -> None:
    """From 12 on it rings for the caller; 1000 has left and gets none of those seconds. Nobody answered the
    consultation."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 answer 1000
        at 10 consult 1000 1001
        at 12 transfer 1000
        at 15 answer 1001
        at 20 hangup T001
        """
    )
    assert rows == lines(
        """
        internal 1000>1001: joined; waiting 2; joined another
            1000 caller 10-12: waiting 2; transferred
            1001 consulted 10-12: ringing 2; joined
            | 10-12 waiting
        inbound 01712345678>1000 T001: answered; waiting 5, talking 13, held 2; 1000 to 1001; 1 transfers
            01712345678 caller 0-20: waiting 5, talking 13, held 2; hung_up
            1000 called 0-12: ringing 2, talking 8, holding 2; transferred
            1001 transferred_to 12-20: ringing 3, talking 5; others_left
            | 0-2 waiting | 2-10 talking 1000 | 10-12 held | 12-15 waiting | 15-20 talking 1001
        """
    )


def test_consultation_to_a_queue_that_fails_and_returns() -> None:
    """All members of 6000 talk. 1000 waits 6 s in the queue, gives up, and has the caller again, who was on hold
    meanwhile."""
    rows = played(
        """
        at 0 call 1005 1008
        at 1 answer 1008
        at 2 call 1006 1009
        at 3 answer 1009
        at 4 call_in 01712345678 1000
        at 6 answer 1000
        at 10 consult 1000 6000
        at 16 reconnect 1000
        at 20 hangup T001
        at 21 hangup 1005
        at 21 hangup 1006
        """
    )
    assert rows == lines(
        """
        internal 1000>6000: abandoned queue; queued 6; queue 6000
            1000 caller 10-16: queued 6; hung_up
            6000 queue 10-16: queued 6; no_answer
            | 10-16 queued
            queue 6000 10-16: abandoned, 0 offers
        inbound 01712345678>1000 T001: answered; waiting 2, talking 8, held 6; 1000
            01712345678 caller 4-20: waiting 2, talking 8, held 6; hung_up
            1000 called 4-20: ringing 2, talking 8, holding 6; others_left
            | 4-6 waiting | 6-10 talking 1000 | 10-16 held | 16-20 talking 1000
        internal 1005>1008: answered; waiting 1, talking 20; 1008
            1005 caller 0-21: waiting 1, talking 20; hung_up
            1008 called 0-21: ringing 1, talking 20; others_left
            | 0-1 waiting | 1-21 talking 1008
        internal 1006>1009: answered; waiting 1, talking 18; 1009
            1006 caller 2-21: waiting 1, talking 18; hung_up
            1009 called 2-21: ringing 1, talking 18; others_left
            | 2-3 waiting | 3-21 talking 1009
        """
    )


def test_transferrer_leaves_while_a_queue_s_member_rings() -> None:
    """The consultation came to queue 6001 at 8, whose only member rings from 12. At 13 the caller takes its place:
    the rest of the wait and the answer are the caller's."""
    rows = played(
        """
        at 0 call 1005 1007
        at 1 answer 1007
        at 2 call_in 01712345678 1000
        at 4 answer 1000
        at 8 consult 1000 6001
        at 12 hangup 1005
        at 13 transfer 1000
        at 15 answer 1007
        at 20 hangup T001
        """
    )
    assert rows == lines(
        """
        internal 1005>1007: answered; waiting 1, talking 11; 1007
            1005 caller 0-12: waiting 1, talking 11; hung_up
            1007 called 0-12: ringing 1, talking 11; others_left
            | 0-1 waiting | 1-12 talking 1007
        internal 1000>6001: joined; waiting 1, queued 4; queue 6001; joined another
            1000 caller 8-13: waiting 1, queued 4; transferred
            6001 queue 8-12: queued 4; diverted
            1007 distributed 12-13: ringing 1; joined
            | 8-12 queued | 12-13 waiting
            queue 6001 8-13: taken_away, 1 offers
        inbound 01712345678>1000 T001: answered; waiting 4, talking 9, held 5; 1000 to 1007; queue 6001; 1 transfers
            01712345678 caller 2-20: waiting 4, talking 9, held 5; hung_up
            1000 called 2-13: ringing 2, talking 4, holding 5; transferred
            1007 distributed 13-20: ringing 2, talking 5; others_left
            | 2-4 waiting | 4-8 talking 1000 | 8-13 held | 13-15 waiting | 15-20 talking 1007
            queue 6001 13-15: answered by 1007, 1 offers
        """
    )


def test_trunk_to_trunk_after_the_agent_has_left() -> None:
    """From 10 on two outside parties talk: those seconds are credited to nobody."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 answer 1000
        at 5 consult 1000 01398765
        at 8 answer T002
        at 10 transfer 1000
        at 20 hangup T001
        """
    )
    assert rows == lines(
        """
        outbound 1000>01398765 T002: answered; waiting 3, talking 2; 1000; joined another
            1000 caller 5-10: waiting 3, talking 2; transferred
            01398765 called 5-10: ringing 3, talking 2; joined
            | 5-8 ringing | 8-10 talking 1000
        inbound 01712345678>1000 T001: answered; waiting 2, talking 13, held 5; 1000; 1 transfers
            01712345678 caller 0-20: waiting 2, talking 13, held 5; hung_up
            1000 called 0-10: ringing 2, talking 3, holding 5; transferred
            01398765 transferred_to 10-20: talking 10; others_left
            | 0-2 waiting | 2-5 talking 1000 | 5-10 held | 10-20 talking
        """
    )
