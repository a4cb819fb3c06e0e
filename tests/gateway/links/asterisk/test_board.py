"""What the board keeps and what it says."""

from gateway.links.asterisk.board import ENDED_REMEMBERED, Board
from gateway.links.asterisk.devices import Devices
from gateway.links.asterisk.scenario import read_event
from model.causes import Cause
from model.ids import Microseconds
from model.reports import Happening
from tests.gateway.links.asterisk.story import ANSWERED, Story

NEWCHANNEL = "Newchannel Channel=PJSIP/8001-{n} Uniqueid=u{n} ChannelStateDesc=Ring Exten=8002"


def test_what_cannot_be_is_not_said() -> None:
    board = Board(Devices(()))
    channel = board.begin_channel(read_event(NEWCHANNEL.format(n=1)))
    leg = board.join(channel, board.begin_call("u1", Cause.NEW_CALL))
    assert not board.tell(leg, Happening.RETRIEVED, Cause.NORMAL)
    assert board.effects == []
    assert board.tell(leg, Happening.DELIVERED, Cause.NEW_CALL)
    assert len(board.effects) == 1


def test_a_name_that_a_live_call_has_is_given_a_generation() -> None:
    board = Board(Devices(()))
    names = [board.begin_call("u1", Cause.NEW_CALL).switch_id for _ in range(3)]
    assert names == ["u1", "u1#2", "u1#3"]


def test_a_clock_set_back_does_not_make_anything_wait() -> None:
    board = Board(Devices(()))
    board.now_us = Microseconds(5_000_000)
    due = [board.is_due(Microseconds(due_us)) for due_us in (4_000_000, 5_100_000, 3_605_000_000)]
    assert due == [True, False, True]


def test_only_so_many_ended_channels_are_remembered() -> None:
    board = Board(Devices(()))
    for number in range(ENDED_REMEMBERED + 10):
        board.end_channel(board.begin_channel(read_event(NEWCHANNEL.format(n=number))))
    assert len(board.ended) == ENDED_REMEMBERED
    assert "u0" not in board.ended
    assert board.by_endpoint == {}


def test_the_real_caller_behind_local_channels_in_a_row() -> None:
    story = Story("Newchannel Channel=PJSIP/8001-1 Uniqueid=u1 ChannelStateDesc=Ring Exten=8100")
    story.tell("""
        Newchannel Channel=Local/a-1;1 Uniqueid=u2 ChannelStateDesc=Down
        Newchannel Channel=Local/a-1;2 Uniqueid=u3 ChannelStateDesc=Ring
        LocalBridge LocalOneUniqueid=u2 LocalTwoUniqueid=u3
        DialBegin Channel=PJSIP/8001-1 Uniqueid=u1 DestChannel=Local/a-1;1 DestUniqueid=u2 DialString=a
        Newchannel Channel=Local/b-1;1 Uniqueid=u4 ChannelStateDesc=Down
        Newchannel Channel=Local/b-1;2 Uniqueid=u5 ChannelStateDesc=Ring
        LocalBridge LocalOneUniqueid=u4 LocalTwoUniqueid=u5
        DialBegin Channel=Local/a-1;2 Uniqueid=u3 DestChannel=Local/b-1;1 DestUniqueid=u4 DialString=b
    """)
    board = story.normaliser.board
    assert board.real_caller(board.channels["u5"]) is board.channels["u1"]
    board.channels["u2"].dial = None
    assert board.real_caller(board.channels["u5"]) is None


def test_a_lost_channel_leaves_nothing_and_says_nothing() -> None:
    story = Story(ANSWERED)
    board = story.normaliser.board
    for uniqueid in ("u1", "u2"):
        board.lose(board.channels[uniqueid])
    assert (board.channels, board.calls, board.effects) == ({}, {}, [])
