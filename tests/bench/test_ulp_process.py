"""The server process of the bench: what goes into its inlet comes out numbered at its subscribers."""

from pathlib import Path

from bench.brokers import Ulp, any_device, free_port
from bench.fanout import _running
from bench.payload import event_body
from bench.ulp_process import DEVICES
from protocol.client import Address, EventSeen, SnapshotTaken, UlpClient
from protocol.kinds import Role
from protocol.messages import Hello


async def test_events_go_in_and_come_out(tmp_path: Path) -> None:
    broker = Ulp("ulp", tmp_path, free_port())
    with _running(broker):
        client = await UlpClient.connect(Address("127.0.0.1", broker.port), Hello("test", Role.CONSUMER))
        client.subscribe()
        item = await client.next_item()
        while not isinstance(item, SnapshotTaken):
            item = await client.next_item()
        assert len(item.snapshot.devices) == DEVICES
        with broker.connect_publisher() as publisher:
            publisher.sendall(broker.message(any_device(), event_body()) * 2)
        for number in (1, 2):
            item = await client.next_item()
            assert isinstance(item, EventSeen)
            assert item.event.number == number
        await client.close()
