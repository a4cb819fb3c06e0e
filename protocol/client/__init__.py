"""The ULP client on asyncio: one connection (``UlpClient``), or a subscription over many of them (``follow``)."""

from protocol.client.address import Address
from protocol.client.connection import UlpClient
from protocol.client.following import Lost, follow, waits
from protocol.client_session import (
    EventSeen,
    Item,
    PositionSeen,
    SnapshotTaken,
    SubscriptionBegan,
    SubscriptionRefused,
)
from protocol.messages import Gap

__all__ = [
    "Address",
    "EventSeen",
    "Gap",
    "Item",
    "Lost",
    "PositionSeen",
    "SnapshotTaken",
    "SubscriptionBegan",
    "SubscriptionRefused",
    "UlpClient",
    "follow",
    "waits",
]
