"""Queues: the caller waits at the queue's device while agents are rung one after the other."""

from gateway.links.asterisk import dialling
from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.board import Board
from gateway.links.asterisk.state import NOBODY, Channel
from model.causes import Cause
from model.reports import Happening


def joined(board: Board, event: Event, channel: Channel) -> None:
    """QueueCallerJoin: Queued, at the queue's device."""
    if channel.leg is None:
        return
    call, name = channel.leg.call, event.value("Queue")
    device = board.devices.queue(name, event.value("Exten"))
    if call.called == NOBODY:
        call.called = device
    call.caller = channel
    dialling.originate(board, channel)
    queue = board.park_leg(call, f"Queue/{name}", device)
    position = event.number("Position")
    board.tell(
        queue,
        Happening.QUEUED,
        Cause.ENTERING_DISTRIBUTION,
        number_queued=event.number("Count"),
        calls_in_front=None if position is None else max(0, position - 1),
    )


def abandoned(board: Board, event: Event, channel: Channel) -> None:
    """QueueCallerAbandon: comes when the queue's own time is over, too."""
    if channel.leg is not None and channel.leg.call.queue is not None:
        channel.leg.call.queue.was_abandoned = True


def left(board: Board, event: Event, channel: Channel) -> None:
    """QueueCallerLeave: after an answer it says nothing new; else the caller gave up, or the dialplan goes on."""
    call = channel.leg.call if channel.leg is not None else None
    if call is None or call.queue is None:
        return
    queue, call.queue = call.queue, None
    if channel.wants_hangup:
        board.tell(queue, Happening.CONNECTION_CLEARED, Cause.CALL_CANCELLED, other=channel.device)
    else:
        cause = Cause.QUEUE_TIME_OVERFLOW if queue.was_abandoned else Cause.OVERFLOW
        board.tell(queue, Happening.DIVERTED, cause)
        call.cause, call.last_redirection = cause, queue.device


def agent_did_not_answer(board: Board, event: Event, _: Channel) -> None:
    """AgentRingNoAnswer: the agent's leg is taken away from him, back to the queue."""
    agent = board.channels.get(event.value("DestUniqueid"))
    if agent is None or agent.leg is None or agent.dial is None or agent.leg.call.queue is None:
        return
    board.tell(agent.leg, Happening.DIVERTED, Cause.TIMEOUT, other=agent.leg.call.queue.device)
    agent.dial.is_diverted = True
