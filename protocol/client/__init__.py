"""The ULP client on asyncio: one connection (``UlpClient``), or a subscription over many of them (``follow``)."""

from protocol.client.address import Address
from protocol.client.connection import UlpClient
from protocol.client.following import Lost, Servers, follow, place_after, waits
from protocol.client.place_file import NoPlace, PlaceFile
from protocol.client.tls import Tls
from protocol.client_events import (
    CentreEventSeen,
    CentreSnapshotTaken,
    EventSeen,
    Item,
    PositionSeen,
    SnapshotTaken,
    SubscriptionBegan,
    SubscriptionRefused,
)
from protocol.client_log_in import Credentials
from protocol.messages import Gap

__all__ = [
    "Address",
    "CentreEventSeen",
    "CentreSnapshotTaken",
    "Credentials",
    "EventSeen",
    "Gap",
    "Item",
    "Lost",
    "NoPlace",
    "PlaceFile",
    "PositionSeen",
    "Servers",
    "SnapshotTaken",
    "SubscriptionBegan",
    "SubscriptionRefused",
    "Tls",
    "UlpClient",
    "follow",
    "place_after",
    "waits",
]
