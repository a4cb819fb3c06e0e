"""Bodies of what the CTI server and the IVR tell: the declaration, as ``protocol.bodies`` has the others'."""

from typing import Final

from construct import Int8ub, Int16ub, Int32ub, Int64sb, Int64ub, Struct

from protocol.body import EVENT_ID, Body, Field, element, list_of
from protocol.kinds import AGENT_EVENTS, IVR_EVENTS, VISIT_EVENTS, Kind
from protocol.shapes import Text

CONCERNED_TAG: Final = 1
"""Tag of the list of what an event concerns, the first field: filters read no further."""

CONCERN = element("what" / Int8ub, "name" / Text)
AGENT_SESSION = element(
    "session_id" / EVENT_ID,
    "state" / Int8ub,
    "since_us" / Int64sb,
    "began_us" / Int64sb,
    "conversation_id" / EVENT_ID,
    "agent" / Text,
    "name" / Text,
    "device" / Text,
    "reason" / Text,
)
QUEUE_VISIT = element(
    "visit_id" / EVENT_ID,
    "conversation_id" / EVENT_ID,
    "call_id" / EVENT_ID,
    "outcome" / Int8ub,
    "entered_us" / Int64sb,
    "left_us" / Int64sb,
    "priority" / Int16ub,
    "position" / Int32ub,
    "offers" / Int32ub,
    "queue" / Text,
    "agent" / Text,
    "device" / Text,
)
IVR_SESSION = element(
    "session_id" / EVENT_ID,
    "conversation_id" / EVENT_ID,
    "call_id" / EVENT_ID,
    "outcome" / Int8ub,
    "began_us" / Int64sb,
    "ended_us" / Int64sb,
    "nodes" / Int32ub,
    "port" / Text,
    "flow" / Text,
    "node" / Text,
    "digits" / Text,
    "destination" / Text,
    "reason" / Text,
)

_FIXED = Struct("received_us" / Int64sb, "seen_epoch" / Int64ub, "seen_number" / Int64ub)
_CONCERNED = Field(CONCERNED_TAG, "concerned", list_of(CONCERN))

CENTRE_BODIES: Final[dict[Kind, Body]] = {
    **dict.fromkeys(AGENT_EVENTS, Body(_FIXED, (_CONCERNED, Field(2, "agent_session", AGENT_SESSION)))),
    **dict.fromkeys(
        VISIT_EVENTS, Body(_FIXED, (_CONCERNED, Field(2, "visit", QUEUE_VISIT), Field(3, "was", list_of(CONCERN))))
    ),
    **dict.fromkeys(IVR_EVENTS, Body(_FIXED, (_CONCERNED, Field(2, "ivr_session", IVR_SESSION)))),
    Kind.SEEN: Body(_FIXED),
    Kind.SNAPSHOT_AGENT: Body(Struct(), (Field(1, "agent_session", AGENT_SESSION),)),
    Kind.SNAPSHOT_QUEUE_VISIT: Body(Struct(), (Field(1, "visit", QUEUE_VISIT),)),
    Kind.SNAPSHOT_IVR_SESSION: Body(Struct(), (Field(1, "ivr_session", IVR_SESSION),)),
    Kind.SNAPSHOT_SEEN: Body(Struct(), (Field(1, "seen", EVENT_ID),)),
}
