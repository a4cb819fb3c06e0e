"""Conferences: case 7. Each talking second names all who take part and is credited to the one inside who has been there
longest.

The rows were worked out by hand from the times in the scenario.
"""

from tests.cdr.ledger.stage import lines, played


def test_agent_adds_another_and_leaves() -> None:
    """Three talk 15-20, credited to 1000, who was there first; then 1001 alone has the caller."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 answer 1000
        at 10 consult 1000 1001
        at 12 answer 1001
        at 15 conference 1000
        at 20 hangup 1000
        at 25 hangup T001
        """
    )
    assert rows == lines(
        """
        internal 1000>1001: answered; waiting 2, talking 3; 1001; joined another
            1000 caller 10-15: waiting 2, talking 3; joined
            1001 consulted 10-15: ringing 2, talking 3; joined
            | 10-12 waiting | 12-15 talking 1001
        inbound 01712345678>1000 T001: answered; waiting 2, talking 18, held 5; 1000 to 1001; 1 conferences
            01712345678 caller 0-25: waiting 2, talking 18, held 5; hung_up
            1000 called 0-20: ringing 2, talking 13, holding 5; hung_up
            1001 conferenced 15-25: talking 10; others_left
            | 0-2 waiting | 2-10 talking 1000 | 10-15 held | 15-20 talking 1000 of 01712345678+1000+1001 | 20-25
                talking 1001
        """
    )


def test_the_caller_leaves_first() -> None:
    """The caller's timeline ends at 20; the two agents' parts go on to 25."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 answer 1000
        at 10 consult 1000 1001
        at 12 answer 1001
        at 15 conference 1000
        at 20 hangup T001
        at 25 hangup 1000
        """
    )
    assert rows == lines(
        """
        internal 1000>1001: answered; waiting 2, talking 3; 1001; joined another
            1000 caller 10-15: waiting 2, talking 3; joined
            1001 consulted 10-15: ringing 2, talking 3; joined
            | 10-12 waiting | 12-15 talking 1001
        inbound 01712345678>1000 T001: answered; waiting 2, talking 13, held 5; 1000 to 1001; 1 conferences
            01712345678 caller 0-20: waiting 2, talking 13, held 5; hung_up
            1000 called 0-25: ringing 2, talking 18, holding 5; hung_up
            1001 conferenced 15-25: talking 10; others_left
            | 0-2 waiting | 2-10 talking 1000 | 10-15 held | 15-20 talking 1000 of 01712345678+1000+1001
        """
    )


def test_joined_in_a_single_step() -> None:
    """Nobody is on hold and nothing rings: 1001 is there at once."""
    rows = played(
        """
        at 0 call_in 01712345678 1000
        at 2 answer 1000
        at 10 join 1000 1001
        at 15 hangup 1000
        at 25 hangup T001
        """
    )
    assert rows == lines(
        """
        inbound 01712345678>1000 T001: answered; waiting 2, talking 23; 1000 to 1001; 1 conferences
            01712345678 caller 0-25: waiting 2, talking 23; hung_up
            1000 called 0-15: ringing 2, talking 13; hung_up
            1001 conferenced 10-25: talking 15; others_left
            | 0-2 waiting | 2-10 talking 1000 | 10-15 talking 1000 of 01712345678+1000+1001 | 15-25 talking 1001
        """
    )


def test_the_owner_leaves_and_two_stay() -> None:
    """An internal conference goes on without the caller who made it: 1001 is followed."""
    rows = played(
        """
        at 0 call 1000 1001
        at 1 answer 1001
        at 3 consult 1000 1002
        at 4 answer 1002
        at 6 conference 1000
        at 10 hangup 1000
        at 15 hangup 1001
        """
    )
    assert rows == lines(
        """
        internal 1000>1002: answered; waiting 1, talking 2; 1002; joined another
            1000 caller 3-6: waiting 1, talking 2; joined
            1002 consulted 3-6: ringing 1, talking 2; joined
            | 3-4 waiting | 4-6 talking 1002
        internal 1000>1001: answered; waiting 1, talking 11; 1001 to 1002; 1 conferences
            1000 caller 0-10: waiting 1, talking 6, holding 3; hung_up
            1001 called 0-15: ringing 1, talking 11, held 3; hung_up
            1002 conferenced 6-15: talking 9; others_left
            | 0-1 waiting | 1-3 talking 1001 | 3-6 holding | 6-10 talking 1001 of 1000+1001+1002 | 10-15 talking 1002
        """
    )
