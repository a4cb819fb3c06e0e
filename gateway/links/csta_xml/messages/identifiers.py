"""Who and what CSTA messages speak of: connections, devices, connection states (ECMA-269 clause 6, ECMA-323 clause 9).

Values only, as the switch sent them; nothing here knows what state may follow which.
"""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar

from gateway.links.csta_xml.messages.elements import At
from gateway.links.csta_xml.messages.value import value


@value
class ConnectionID:
    """A device in a call. `call_id` is any text ("0", "-12", 32 hex digits; "" when the switch left it out).

    `device_id` is the device part as sent (static, dynamic, trunk) or None when absent; never read a number from it.
    """

    call_id: str
    device_id: str | None = None


class DeviceRefKind(enum.Enum):
    """The element that says what is known of a device; its text is the element's name."""

    IDENTIFIER = "deviceIdentifier"
    NUMBER_DIALED = "numberDialed"
    DEVICE_ID = "deviceID"
    NOT_KNOWN = "notKnown"
    NOT_REQUIRED = "notRequired"
    NOT_SPECIFIED = "notSpecified"
    RESTRICTED = "restricted"


@value
class DeviceRef:
    """A device named in a message, or why it is not. `number` is None unless the kind carries one.

    IDENTIFIER stands in subject, calling and called devices, NUMBER_DIALED in lastRedirectionDevice, DEVICE_ID in the
    endpoints of connection lists.
    """

    kind: DeviceRefKind
    number: str | None = None

    @classmethod
    def of(cls, number: str) -> DeviceRef:
        return cls(DeviceRefKind.IDENTIFIER, number)

    @classmethod
    def redirected(cls, number: str) -> DeviceRef:
        return cls(DeviceRefKind.NUMBER_DIALED, number)

    @classmethod
    def endpoint(cls, number: str) -> DeviceRef:
        return cls(DeviceRefKind.DEVICE_ID, number)


NOT_KNOWN = DeviceRef(DeviceRefKind.NOT_KNOWN)
NOT_REQUIRED = DeviceRef(DeviceRefKind.NOT_REQUIRED)
NOT_SPECIFIED = DeviceRef(DeviceRefKind.NOT_SPECIFIED)
RESTRICTED = DeviceRef(DeviceRefKind.RESTRICTED)


class LocalConnectionState(enum.StrEnum):
    """State of a connection (ECMA-269 6.1.5)."""

    NULL = "null"
    INITIATED = "initiated"
    ALERTING = "alerting"
    CONNECTED = "connected"
    HOLD = "hold"
    QUEUED = "queued"
    FAIL = "fail"


@value
class ConnectionListItem:
    """One connection re-keyed by a transfer or conference; an unchanged or new one may lack `old_connection`."""

    ELEMENT: ClassVar[str] = "connectionListItem"

    new_connection: ConnectionID | None = None
    old_connection: ConnectionID | None = None
    endpoint: DeviceRef | None = None
    associated_nid: Annotated[DeviceRef | None, At("associatedNID")] = None
