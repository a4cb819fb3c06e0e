"""Queues of the switch: cases 5, 6, 10, 11. A stay begins with the queue, goes on over telephones that do not answer,
and ends with the answer.

The rows were worked out by hand from the times in the scenario.
"""

from tests.cdr.ledger.stage import lines, played


def test_transfer_of_a_call_to_a_queue() -> None:
    """The caller waits from 10 on in 6001 until its member has hung up at 16, whose telephone rings until 19."""
    rows = played(
        """
        at 0 call 1005 1007
        at 2 answer 1007
        at 4 call_in 01712345678 1000
        at 6 answer 1000
        at 10 single_step 1000 6001
        at 16 hangup 1005
        at 19 answer 1007
        at 25 hangup T001
        """
    )
    assert rows == lines(
        """
        internal 1005>1007: answered; waiting 2, talking 14; 1007
            1005 caller 0-16: waiting 2, talking 14; hung_up
            1007 called 0-16: ringing 2, talking 14; others_left
            | 0-2 waiting | 2-16 talking 1007
        inbound 01712345678>1000 T001: answered; waiting 5, queued 6, talking 10; 1000 to 1007; queue 6001; 1
                transfers
            01712345678 caller 4-25: waiting 5, queued 6, talking 10; hung_up
            1000 called 4-10: ringing 2, talking 4; transferred
            6001 queue 10-16: queued 6; diverted
            1007 distributed 16-25: ringing 3, talking 6; others_left
            | 4-6 waiting | 6-10 talking 1000 | 10-16 queued | 16-19 waiting | 19-25 talking 1007
            queue 6001 10-19: answered by 1007, 1 offers
        """
    )


def test_a_queued_call_picked_up_by_somebody_else() -> None:
    """1000 is no member of the queue: the stay ends after 6 s, taken away, and 1000 gets the talk."""
    rows = played(
        """
        at 0 call 1005 1007
        at 1 answer 1007
        at 2 call_in 01712345678 6001
        at 8 pickup 1000 6001
        at 12 hangup T001
        at 13 hangup 1005
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>6001 T001: answered; queued 6, talking 4; 1000; queue 6001
            01712345678 caller 2-12: queued 6, talking 4; hung_up
            6001 queue 2-8: queued 6; diverted
            1000 picked_up 8-12: talking 4; others_left
            | 2-8 queued | 8-12 talking 1000
            queue 6001 2-8: taken_away, 0 offers
        internal 1005>1007: answered; waiting 1, talking 12; 1007
            1005 caller 0-13: waiting 1, talking 12; hung_up
            1007 called 0-13: ringing 1, talking 12; others_left
            | 0-1 waiting | 1-13 talking 1007
        """
    )


def test_transfer_across_queues_splits_the_talk() -> None:
    """7 s are 1008's in queue 6000, 6 s are 1007's in queue 6001; each queue has its own wait."""
    rows = played(
        """
        at 0 call_in 01712345678 6000
        at 3 answer 1008
        at 10 single_step 1008 6001
        at 14 answer 1007
        at 20 hangup T001
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>6000 T001: answered; waiting 7, talking 13; 1008 to 1007; queue 6000; 1 transfers
            01712345678 caller 0-20: waiting 7, talking 13; hung_up
            1008 distributed 0-10: ringing 3, talking 7; transferred
            1007 distributed 10-20: ringing 4, talking 6; others_left
            | 0-3 waiting | 3-10 talking 1008 | 10-14 waiting | 14-20 talking 1007
            queue 6000 0-3: answered by 1008, 1 offers
            queue 6001 10-14: answered by 1007, 1 offers
        """
    )


def test_consultation_across_queues() -> None:
    """While 1008 asks 1007 the caller is on hold (4 s): held, and not 1007's talk, which begins with the transfer."""
    rows = played(
        """
        at 0 call_in 01712345678 6000
        at 3 answer 1008
        at 6 consult 1008 6001
        at 8 answer 1007
        at 10 transfer 1008
        at 18 hangup T001
        """
    )
    assert rows == lines(
        """
        internal 1008>6001: answered; waiting 2, talking 2; 1007; queue 6001; joined another
            1008 caller 6-10: waiting 2, talking 2; transferred
            1007 distributed 6-10: ringing 2, talking 2; joined
            | 6-8 waiting | 8-10 talking 1007
            queue 6001 6-8: answered by 1007, 1 offers
        inbound 01712345678>6000 T001: answered; waiting 3, talking 11, held 4; 1008 to 1007; queue 6000; 1 transfers
            01712345678 caller 0-18: waiting 3, talking 11, held 4; hung_up
            1008 distributed 0-10: ringing 3, talking 3, holding 4; transferred
            1007 transferred_to 10-18: talking 8; others_left
            | 0-3 waiting | 3-6 talking 1008 | 6-10 held | 10-18 talking 1007
            queue 6000 0-3: answered by 1008, 1 offers
        """
    )


def test_no_answer_then_the_next_agent() -> None:
    """1008 lets it ring for 15 s and is passed over; one stay of 18 s with two offers."""
    rows = played(
        """
        at 0 call_in 01712345678 6000
        at 18 answer 1009
        at 25 hangup T001
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>6000 T001: answered; waiting 18, talking 7; 1009; queue 6000
            01712345678 caller 0-25: waiting 18, talking 7; hung_up
            1008 distributed 0-15: ringing 15; no_answer
            1009 distributed 15-25: ringing 3, talking 7; others_left
            | 0-15 waiting | 15-18 waiting | 18-25 talking 1009
            queue 6000 0-18: answered by 1009, 2 offers
        """
    )


def test_all_members_are_busy_and_the_caller_leaves() -> None:
    """10 s in the queue, offered to nobody."""
    rows = played(
        """
        at 0 call 1005 1007
        at 1 answer 1007
        at 2 call_in 01712345678 6001
        at 12 hangup T001
        at 13 hangup 1005
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>6001 T001: abandoned queue; queued 10; queue 6001
            01712345678 caller 2-12: queued 10; hung_up
            6001 queue 2-12: queued 10; no_answer
            | 2-12 queued
            queue 6001 2-12: abandoned, 0 offers
        internal 1005>1007: answered; waiting 1, talking 12; 1007
            1005 caller 0-13: waiting 1, talking 12; hung_up
            1007 called 0-13: ringing 1, talking 12; others_left
            | 0-1 waiting | 1-13 talking 1007
        """
    )


def test_queued_then_answered() -> None:
    """10 s queued, 3 s ringing at the member: a stay of 13 s."""
    rows = played(
        """
        at 0 call 1005 1007
        at 1 answer 1007
        at 2 call_in 01712345678 6001
        at 12 hangup 1005
        at 15 answer 1007
        at 20 hangup 1007
        """
    )
    assert rows == lines(
        """
        internal 1005>1007: answered; waiting 1, talking 11; 1007
            1005 caller 0-12: waiting 1, talking 11; hung_up
            1007 called 0-12: ringing 1, talking 11; others_left
            | 0-1 waiting | 1-12 talking 1007
        inbound 01712345678>6001 T001: answered; waiting 3, queued 10, talking 5; 1007; queue 6001
            01712345678 caller 2-20: waiting 3, queued 10, talking 5; others_left
            6001 queue 2-12: queued 10; diverted
            1007 distributed 12-20: ringing 3, talking 5; hung_up
            | 2-12 queued | 12-15 waiting | 15-20 talking 1007
            queue 6001 2-15: answered by 1007, 1 offers
        """
    )


def test_caller_leaves_while_an_agent_rings() -> None:
    """Abandoned ringing; the queue lost it."""
    rows = played(
        """
        at 0 call_in 01712345678 6001
        at 5 hangup T001
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>6001 T001: abandoned ringing; waiting 5; queue 6001
            01712345678 caller 0-5: waiting 5; hung_up
            1007 distributed 0-5: ringing 5; no_answer
            | 0-5 waiting
            queue 6001 0-5: abandoned, 1 offers
        """
    )


def test_caller_leaves_on_hold() -> None:
    """Answered, and lost on hold all the same."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 answer 1000
        at 5 hold 1000
        at 9 hangup T001
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>1000 T001: abandoned hold; waiting 2, talking 3, held 4; 1000
            01712345678 caller 0-9: waiting 2, talking 3, held 4; hung_up
            1000 called 0-9: ringing 2, talking 3, holding 4; others_left
            | 0-2 waiting | 2-5 talking 1000 | 5-9 held
        """
    )


def test_caller_leaves_in_the_announcement() -> None:
    """1004 is an IVR port: its 8 s are no talk and nobody's."""
    rows = played(
        """
        at 0 call_in 01712345678 1004
        at 1 answer 1004
        at 9 hangup T001
        """,
        ivr=("1004",),
    )
    assert rows == lines(
        """
        inbound 01712345678>1004 T001: abandoned menu; waiting 1, menu 8
            01712345678 caller 0-9: waiting 1, menu 8; hung_up
            1004 menu 0-9: ringing 1, talking 8; others_left
            | 0-1 waiting | 1-9 menu
        """
    )


def test_menu_then_queue() -> None:
    """8 s in the menu, which sends the caller to 6001."""
    rows = played(
        """
        at 0 call_in 01712345678 1004
        at 1 answer 1004
        at 9 single_step 1004 6001
        at 12 answer 1007
        at 20 hangup 1007
        """,
        ivr=("1004",),
    )
    assert rows == lines(
        """
        inbound 01712345678>1004 T001: answered; waiting 4, menu 8, talking 8; 1007; queue 6001; 1 transfers
            01712345678 caller 0-20: waiting 4, menu 8, talking 8; others_left
            1004 menu 0-9: ringing 1, talking 8; transferred
            1007 distributed 9-20: ringing 3, talking 8; hung_up
            | 0-1 waiting | 1-9 menu | 9-12 waiting | 12-20 talking 1007
            queue 6001 9-12: answered by 1007, 1 offers
        """
    )
