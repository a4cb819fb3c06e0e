"""Answers to queries, from a snapshot alone. Pure."""

from model.centre import CentreSnapshot
from protocol.errors import Code
from protocol.filters import AnySnapshot
from protocol.kinds import Kind
from protocol.requests import Reply, Request


def answer_query(request: Request, snapshot: AnySnapshot, own_device: str | None) -> Reply:
    """What a query asks for; ``own_device`` is set for a session that may see only its own."""
    if isinstance(snapshot, CentreSnapshot):
        return Reply(Code.NOT_SUPPORTED, "calls, devices and the link are a gateway's to tell")
    if request.kind is Kind.QUERY_LINK:
        return Reply(link=snapshot.link, licence=snapshot.licence, conditions=snapshot.conditions)
    if request.kind is Kind.QUERY_DEVICE:
        for device in snapshot.devices:
            if device.number == request.device:
                return Reply(device=device)
        return Reply(Code.UNKNOWN_DEVICE, f"{request.device} is not in port.cfg")
    for call in snapshot.calls:
        if call.call_id == request.call_id and (
            own_device is None or any(party.device == own_device for party in call.connections)
        ):
            return Reply(call=call, call_id=call.call_id)
    return Reply(Code.UNKNOWN_CALL, f"no call {request.call_id} now")
