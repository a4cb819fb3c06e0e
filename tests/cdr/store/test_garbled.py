"""What answers is no database, or is one behind something that changes what it says: named, survived, nothing twice."""

import socket
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from cdr.records import Batch, ConversationRecord, Place
from cdr.store.diagnosis import StoreFailed, Trouble
from cdr.store.store import Store
from tests.cdr.conftest import SERVERS
from tests.cdr.sample_records import at, conversation
from tests.cdr.store.garbler import garbling
from tests.listening import listening
from tests.peers.databases import Server

BEGAN = at("2026-01-31 08:00:00")
BATCHES = 60
TRIES = 200


@pytest.mark.parametrize(
    "greeting",
    [b"SSH-2.0-OpenSSH_9.2p1\r\n", b"220 mail.example ESMTP\r\n", b"\x04\0\0\0\x0a\xff\x005"],
    ids=["ssh", "smtp", "half a greeting"],
)
@pytest.mark.parametrize("kind", SERVERS)
def test_another_server_at_the_port_is_named(kind: str, greeting: bytes) -> None:
    def greet(connection: socket.socket) -> None:
        connection.sendall(greeting)
        connection.recv(1024)

    with listening(greet) as port, pytest.raises(StoreFailed) as caught:
        Store.open(f"{kind}://cdr:secret@127.0.0.1:{port}/cdr")
    assert caught.value.diagnosis.trouble is Trouble.NOT_UNDERSTOOD
    assert caught.value.diagnosis.said.isprintable()


def test_a_mistake_of_ours_is_no_trouble_of_the_database(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'cdr.db'}")
    with pytest.raises(KeyError), store.transaction():
        raise KeyError("ours")
    with pytest.raises(struct.error), store.reader.connection():
        struct.unpack("!I", b"")
    store.close()


def written(store: Store, batch: Batch, found: Counter[Trouble]) -> None:
    """After as many tries as it takes; what was in the way is counted."""
    for left in reversed(range(TRIES)):
        try:
            store.write(batch)
        except StoreFailed as failed:
            found[failed.diagnosis.trouble] += 1
            if not left:
                raise
        else:
            return


@pytest.mark.parametrize("kind", SERVERS)
def test_every_batch_is_written_once(servers: Callable[[str], Server], kind: str) -> None:
    """Whatever a driver makes of garbled answers is a trouble that is over with the next good one."""
    server = servers(kind)
    server.empty()
    found = Counter[Trouble]()
    with garbling(server.port, Random(3)) as garbler:
        store = Store.open(server.url.replace(str(server.port), str(garbler.port)))
        garbler.garbles = True
        for number in range(1, BATCHES + 1):
            batch = Batch((conversation(number, BEGAN),), (), (Place("gateway", "s/g", 1, number),))
            written(store, batch, found)
        garbler.garbles = False
        assert len(store.records(ConversationRecord)) == BATCHES
        assert store.places() == [Place("gateway", "s/g", 1, BATCHES)]
        store.close()
    assert garbler.garbled > 1
    assert found[Trouble.TWO_WRITERS] == 0
    assert sum(found.values()) > 1
