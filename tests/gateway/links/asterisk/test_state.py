"""Channels know their call by their leg, Local halves by what they carry."""

from gateway.links.asterisk.state import NOBODY, Call, Channel, Leg, QueueLeg
from model.ids import ConnectionKey, SwitchCallId


def test_a_channel_s_call_is_its_leg_s_and_a_local_half_s_what_it_carries() -> None:
    call, other = Call(SwitchCallId("u1"), 1), Call(SwitchCallId("u9"), 2)
    channel = Channel("u1", "PJSIP/8001-1", "PJSIP/8001", NOBODY, "8002")
    waiting = Channel("u3", "PJSIP/8003-1", "PJSIP/8003", NOBODY, "")
    assert waiting.call is None
    channel.leg = Leg(call, channel)
    half = Channel("u2", "Local/1@x-1;1", "Local/1@x", NOBODY, "", is_local=True, local_call=other)
    assert (channel.call, half.call) == (call, other)


def test_connections_are_named_by_call_and_channel() -> None:
    call = Call(SwitchCallId("u1"), 1)
    leg = Leg(call, Channel("u2", "PJSIP/8002-2", "PJSIP/8002", NOBODY, ""))
    queue = QueueLeg(call, ConnectionKey("Queue/q"), NOBODY)
    assert (leg.connection.call, leg.connection.key) == ("u1", "u2")
    assert (queue.connection.call, queue.connection.key) == ("u1", "Queue/q")
