"""The same cases as a real Asterisk told them (tests/scenarios/asterisk), milliseconds and all."""

from tests.cdr.ledger.stage import lines, recorded


def test_park_ami_retrieve() -> None:
    """Case 9. 8001 parks 8002, 8003 fetches it: the 1.705 s in the space are parked, the little call to 701 is no
    conversation of a caller."""
    assert recorded("14_park_ami_retrieve") == lines(
        """
        internal 8003>701: joined; waiting 0.502
            8003 caller 1.963-2.465: dialling 0.502; hung_up
            | 1.963-2.465 dialling
        internal 8001>8002: answered; waiting 0.356, talking 0.604, held 1.705; 8002 to 8003
            8001 caller 0.002-0.76: dialling 0.054, waiting 0.302, talking 0.402; diverted
            8002 called 0.056-2.667: ringing 0.302, talking 0.604, parked 1.705; others_left
            701 parked 0.76-2.465: queued 1.705; diverted
            8003 retrieved 2.465-2.667: talking 0.202; hung_up
            | 0.002-0.056 dialling | 0.056-0.358 waiting | 0.358-0.76 talking 8002 | 0.76-2.465 parked | 2.465-2.667
                talking 8003
        """
    )


def test_park_comeback() -> None:
    """Case 9. Nobody fetches it: it rings at 8001 again."""
    assert recorded("14b_park_comeback") == lines(
        """
        internal 8001>8002: answered; waiting 0.912, talking 0.904, held 2; 8002 to 8001
            8001 caller 0.003-0.764: dialling 0.055, waiting 0.303, talking 0.403; diverted
            8002 called 0.058-3.821: waiting 0.554, ringing 0.303, talking 0.904, parked 2, alone 0.002; others_left
            702 parked 0.764-2.764: queued 2; diverted
            8001 other 2.817-3.819: ringing 0.501, talking 0.501; hung_up
            | 0.003-0.058 dialling | 0.058-0.361 waiting | 0.361-0.764 talking 8002 | 0.764-2.764 parked | 2.764-2.817
                waiting | 2.817-3.318 waiting | 3.318-3.819 talking 8001 | 3.819-3.821 alone
        """
    )


def test_park_refer_abandon() -> None:
    """Case 9. 8002 hangs up in the space: lost on hold, and not hung up by the one who parked it."""
    assert recorded("14c_park_refer_abandon") == lines(
        """
        internal 8001>8002: answered; waiting 0.355, talking 0.404, held 1.2; 8002
            8001 caller 0.002-0.761: dialling 0.055, waiting 0.3, talking 0.404; diverted
            8002 called 0.057-1.962: ringing 0.3, talking 0.404, parked 1.2, alone 0.001; hung_up
            703 parked 0.761-1.961: queued 1.2; no_answer
            | 0.002-0.057 dialling | 0.057-0.357 waiting | 0.357-0.761 talking 8002 | 0.761-1.961 parked | 1.961-1.962
                alone
        """
    )


def test_ring_group() -> None:
    """Case 15. Two telephones ring for one number; the one that does not answer is answered elsewhere."""
    assert recorded("19_ring_group") == lines(
        """
        internal 8003>7000: answered; waiting 1.061, talking 0.427; 8002
            8003 caller 0.004-1.492: dialling 0.059, waiting 1.002, talking 0.427; hung_up
            8001 called 0.063-1.068: ringing 1.005; answered_elsewhere
            8002 called 0.065-1.492: ringing 1, talking 0.427; others_left
            | 0.004-0.063 dialling | 0.063-0.065 waiting | 0.065-1.065 waiting | 1.065-1.492 talking 8002
        """
    )


def test_pickup_directed() -> None:
    """Case 8. The call by which 8003 dials the pick-up code is none that anybody missed."""
    assert recorded("13_pickup_directed") == lines(
        """
        internal 8003>*88002: joined; waiting 0.501
            8003 caller 0.058-0.559: dialling 0.501; hung_up
            | 0.058-0.559 dialling
        internal 8001>8002: answered; waiting 0.557, talking 0.51; 8003
            8001 caller 0.002-1.069: dialling 0.054, waiting 0.503, talking 0.51; others_left
            8002 called 0.056-0.559: ringing 0.503; answered_elsewhere
            8003 picked_up 0.559-1.069: talking 0.51; hung_up
            | 0.002-0.056 dialling | 0.056-0.559 waiting | 0.559-1.069 talking 8003
        """
    )


def test_queue_rna_then_answer() -> None:
    """Case 10. 8001 lets it ring; the caller stays in the queue all the time, one stay with two offers."""
    assert recorded("11_queue_rna_then_answer") == lines(
        """
        internal 8003>6000: answered; waiting 3.451, queued 1.107, talking 0.606; 8002; queue 6000
            8003 caller 0.002-5.166: dialling 0.001, waiting 3.45, queued 1.107, talking 0.606; hung_up
            6000 queue 0.003-4.56: queued 4.557; diverted
            8001 distributed 0.056-3.005: ringing 2.949; no_answer
            8002 distributed 4.059-5.166: ringing 0.501, talking 0.606; others_left
            | 0.002-0.003 dialling | 0.003-0.056 queued | 0.056-3.005 waiting | 3.005-4.059 queued | 4.059-4.56
                waiting | 4.56-5.166 talking 8002
            queue 6000 0.003-4.56: answered by 8002, 2 offers
        """
    )


def test_queue_abandon_ringing() -> None:
    """Case 11. The caller of the queue leaves while 8001 rings."""
    assert recorded("12_queue_abandon_ringing") == lines(
        """
        internal 8003>6000: abandoned ringing; waiting 0.952, queued 0.054; queue 6000
            8003 caller 0.003-1.009: waiting 0.952, queued 0.054; hung_up
            6000 queue 0.003-1.009: queued 1.006; no_answer
            8001 distributed 0.057-1.009: ringing 0.952; no_answer
            | 0.003-0.057 queued | 0.057-1.009 waiting
            queue 6000 0.003-1.009: abandoned, 1 offers
        """
    )


def test_queue_abandon_waiting() -> None:
    """Case 11. The queue's end is told a millisecond before the caller's: abandoned in the queue all the same."""
    assert recorded("12b_queue_abandon_waiting") == lines(
        """
        internal 8003>6000: abandoned queue; queued 2; queue 6000
            8003 caller 0.005-2.005: queued 2; hung_up
            6000 queue 0.005-2.005: queued 2; no_answer
            | 0.005-2.005 queued
            queue 6000 0.005-2.005: abandoned, 0 offers
        inbound 13800001111>6000 T001: abandoned queue; queued 1.6; queue 6000
            13800001111 caller 1.205-2.806: queued 1.6, alone 0.001; hung_up
            6000 queue 1.205-2.805: queued 1.6; no_answer
            | 1.205-2.805 queued | 2.805-2.806 alone
            queue 6000 1.205-2.805: abandoned, 0 offers
        """
    )


def test_blindtransfer_ami() -> None:
    """Case 1. By the caller; between the transfer and the ringing lie 53 ms, waiting."""
    assert recorded("08_blindtransfer_ami") == lines(
        """
        internal 8001>8002: answered; waiting 0.909, talking 0.905; 8002 to 8003; 1 transfers
            8001 caller 0.002-0.761: dialling 0.053, waiting 0.302, talking 0.404; transferred
            8002 called 0.055-1.817: waiting 0.554, ringing 0.302, talking 0.905, alone 0.001; others_left
            8003 transferred_to 0.814-1.816: ringing 0.501, talking 0.501; hung_up
            | 0.002-0.055 dialling | 0.055-0.357 waiting | 0.357-0.761 talking 8002 | 0.761-0.814 waiting |
                0.814-1.315 waiting | 1.315-1.816 talking 8003 | 1.816-1.817 alone
        """
    )


def test_blind_refer_busy() -> None:
    """Case 1, to busy: 8002 is left alone for 5.508 s and hangs up, lost while it should have rung."""
    assert recorded("08d_blind_refer_busy") == lines(
        """
        internal 8001>8002: answered; waiting 0.76, talking 0.405; 8002; 1 transfers
            8001 caller 0.002-0.761: dialling 0.053, waiting 0.301, talking 0.405; transferred
            8002 called 0.055-6.675: waiting 0.406, ringing 0.301, talking 0.405, alone 5.508; hung_up
            8003 transferred_to 1.167-1.167: no time; busy
            | 0.002-0.055 dialling | 0.055-0.356 waiting | 0.356-0.761 talking 8002 | 0.761-1.167 waiting |
                1.167-6.675 alone
        """
    )


def test_atxfer_ami() -> None:
    """Case 2."""
    assert recorded("09_atxfer_ami") == lines(
        """
        internal 8001>8003: answered; waiting 0.556, talking 1.002; 8003; joined another
            8001 caller 1.302-2.86: dialling 0.055, waiting 0.501, talking 1.002; transferred
            8003 consulted 1.357-2.86: ringing 0.501, talking 1.002; joined
            | 1.302-1.357 dialling | 1.357-1.858 waiting | 1.858-2.86 talking 8003
        internal 8001>8002: answered; waiting 0.396, talking 2.163; 8002 to 8003; 1 transfers
            8001 caller 0.001-2.86: dialling 0.095, waiting 0.301, talking 0.662, holding 1.801; transferred
            8002 called 0.096-4.361: ringing 0.301, talking 2.163, held 1.801; others_left
            8003 transferred_to 2.86-4.361: talking 1.501; hung_up
            | 0.001-0.096 dialling | 0.096-0.397 waiting | 0.397-1.059 talking 8002 | 1.059-2.86 holding | 2.86-4.361
                talking 8003
        """
    )


def test_atxfer_ami_cancel() -> None:
    """Case 2, cancelled."""
    assert recorded("09d_atxfer_ami_cancel") == lines(
        """
        internal 8001>8003: answered; waiting 0.554, talking 1.06; 8003
            8001 caller 1.28-2.894: dialling 0.052, waiting 0.502, talking 1.06; hung_up
            8003 consulted 1.332-2.897: ringing 0.502, talking 1.06, alone 0.003; others_left
            | 1.28-1.332 dialling | 1.332-1.834 waiting | 1.834-2.894 talking 8003
        internal 8001>8002: answered; waiting 0.355, talking 1.553; 8002
            8001 caller 0.003-3.835: dialling 0.053, waiting 0.302, talking 1.553, holding 1.924; hung_up
            8002 called 0.056-3.836: ringing 0.302, talking 1.553, held 1.924, alone 0.001; others_left
            | 0.003-0.056 dialling | 0.056-0.358 waiting | 0.358-1.02 talking 8002 | 1.02-2.944 holding | 2.944-3.835
                talking 8002
        """
    )


def test_forward_302() -> None:
    """Case 13. The telephone sends the call on by itself."""
    assert recorded("20c_forward_302") == lines(
        """
        internal 8001>8002: answered; waiting 0.758, talking 1.008; 8003
            8001 caller 0.002-1.768: dialling 0.204, waiting 0.554, talking 1.008; hung_up
            8002 called 0.206-0.206: no time; diverted
            8003 forwarded 0.259-1.768: ringing 0.501, talking 1.008; others_left
            | 0.002-0.206 dialling | 0.206-0.259 waiting | 0.259-0.76 waiting | 0.76-1.768 talking 8003
        """
    )


def test_confbridge() -> None:
    """Case 7. Three dial into a conference room one after the other; Asterisk makes it one call, the
    earliest's story."""
    assert recorded("10_confbridge") == lines(
        """
        internal 8003>6500: joined; waiting 0.504; joined another
            8003 caller 0.005-0.509: dialling 0.504; joined
            | 0.005-0.509 dialling
        internal 8002>6500: answered; waiting 0.507, talking 1.4; 8003; 1 conferences; joined another
            8002 caller 0.002-1.909: dialling 0.507, talking 1.4; hung_up
            8003 conferenced 0.509-2.708: talking 1.4, alone 0.799; joined
            | 0.002-0.509 dialling | 0.509-1.909 talking 8003
        internal 8001>6500: answered; waiting 2.706, talking 0.369; 8003; 1 conferences
            8001 caller 0.002-3.077: dialling 2.706, talking 0.369; hung_up
            8003 conferenced 2.708-3.867: talking 0.369, alone 0.79; others_left
            | 0.002-2.708 dialling | 2.708-3.077 talking 8003
        """
    )


def test_busy() -> None:
    """The busy tone lasts a millisecond."""
    assert recorded("04_busy") == lines(
        """
        internal 8001>8002: busy; waiting 0.205
            8001 caller 0.002-0.208: dialling 0.205, failed 0.001; hung_up
            8002 called 0.207-0.208: failed 0.001; busy
            | 0.002-0.207 dialling | 0.207-0.208 failed
        """
    )


def test_no_answer() -> None:
    """The dialplan gives up after 3 s."""
    assert recorded("05_no_answer") == lines(
        """
        internal 8001>58002: no_answer; waiting 3.004
            8001 caller 0.003-3.007: dialling 0.053, waiting 2.951; hung_up
            8002 called 0.056-3.007: ringing 2.951; no_answer
            | 0.003-0.056 dialling | 0.056-3.007 waiting
        """
    )


def test_trunk_in_abandoned() -> None:
    """Asterisk tells the end of the ringing telephone first; it is the caller who hung up."""
    assert recorded("02b_trunk_in_abandoned") == lines(
        """
        inbound 13800001111>88001 T001: abandoned ringing; waiting 0.304
            13800001111 caller 0.055-0.359: waiting 0.304; hung_up
            8001 called 0.055-0.359: ringing 0.304; no_answer
            | 0.055-0.359 waiting
        """
    )


def test_trunk_out_progress() -> None:
    """Ringing outside for 0.902 s."""
    assert recorded("03_trunk_out_progress") == lines(
        """
        outbound 8001>913900002222 T001: answered; waiting 0.902, talking 0.502; 8001
            8001 caller 0.002-1.408: dialling 0.002, waiting 0.902, talking 0.502; hung_up
            13900002222 called 0.004-1.41: ringing 0.902, talking 0.502, alone 0.002; others_left
            | 0.004-0.906 ringing | 0.906-1.408 talking 8001 | 1.408-1.41 alone
        """
    )


def test_blind_refer_by_caller() -> None:
    """Case 1, by the caller's telephone: 0.402 s with 8001, 0.501 s with 8003, and 8002 is the one who is followed."""
    assert recorded("08b_blind_refer_by_caller") == lines(
        """
        internal 8001>8002: answered; waiting 0.91, talking 0.903; 8002 to 8003; 1 transfers
            8001 caller 0.002-0.759: dialling 0.054, waiting 0.301, talking 0.402; transferred
            8002 called 0.056-1.816: waiting 0.555, ringing 0.301, talking 0.903, alone 0.001; others_left
            8003 transferred_to 0.813-1.815: ringing 0.501, talking 0.501; hung_up
            | 0.002-0.056 dialling | 0.056-0.357 waiting | 0.357-0.759 talking 8002 | 0.759-0.813 waiting
                | 0.813-1.314 waiting | 1.314-1.815 talking 8003 | 1.815-1.816 alone
        """
    )


def test_blind_dtmf() -> None:
    """Case 1, by keys: while 8001 dials the number (2.383 s) 8002 hears music, which is hold and no talk."""
    assert recorded("08e_blind_dtmf") == lines(
        """
        internal 8001>8002: answered; waiting 0.91, talking 1.274; 8002 to 8003; 1 transfers
            8001 caller 0.002-3.511: dialling 0.053, waiting 0.301, talking 0.772, holding 2.383; transferred
            8002 called 0.055-4.569: waiting 0.556, ringing 0.301, talking 1.274, held 2.383; others_left
            8003 transferred_to 3.565-4.569: ringing 0.502, talking 0.502; hung_up
            | 0.002-0.055 dialling | 0.055-0.356 waiting | 0.356-1.128 talking 8002 | 1.128-3.511 holding
                | 3.511-3.565 waiting | 3.565-4.067 waiting | 4.067-4.569 talking 8003
        """
    )


def test_pickup_originate() -> None:
    """Case 8, by a number that a program dials for 8003: the ringing telephone is answered elsewhere."""
    assert recorded("13c_pickup_originate") == lines(
        """
        internal 8003>: joined; waiting 0.555
            8003 caller 0.059-0.614: dialling 0.555; hung_up
            | 0.059-0.614 dialling
        internal 8001>8002: answered; waiting 0.612, talking 0.504; 8003
            8001 caller 0.002-1.118: dialling 0.054, waiting 0.558, talking 0.504; hung_up
            8002 called 0.056-0.614: ringing 0.558; answered_elsewhere
            8003 picked_up 0.614-1.118: talking 0.504; others_left
            | 0.002-0.056 dialling | 0.056-0.614 waiting | 0.614-1.118 talking 8003
        """
    )


def test_atxfer_refer_replaces() -> None:
    """Cases 2 and 17: the telephone itself joins its two calls, and 8003's channel goes on in the older one. 8003 hangs
    up; that 8002 was hung up on is told a moment before."""
    assert recorded("09b_atxfer_refer_replaces") == lines(
        """
        internal 8001>8003: answered; waiting 0.555, talking 0.504; 8003; joined another
            8001 caller 1.161-2.22: dialling 0.053, waiting 0.502, talking 0.504; transferred
            8003 consulted 1.214-2.22: ringing 0.502, talking 0.504; joined
            | 1.161-1.214 dialling | 1.214-1.716 waiting | 1.716-2.22 talking 8003
        internal 8001>8002: answered; waiting 0.355, talking 1.904; 8002 to 8003; 1 transfers
            8001 caller 0.002-2.22: dialling 0.053, waiting 0.302, talking 0.404, holding 1.459; transferred
            8002 called 0.055-3.72: ringing 0.302, talking 1.904, held 1.459; others_left
            8003 transferred_to 2.22-3.72: talking 1.5; hung_up
            | 0.002-0.055 dialling | 0.055-0.357 waiting | 0.357-0.761 talking 8002 | 0.761-2.22 holding
                | 2.22-3.72 talking 8003
        """
    )
