"""What is accepted to listen on without a log-in: this machine, and nothing that only looks like it."""

import pytest

from runtime.loopback import LoopbackAddress, NotLoopback, is_loopback, loopback_address


@pytest.mark.parametrize(
    ("written", "host", "port"),
    [
        ("127.0.0.1:7401", "127.0.0.1", 7401),
        ("127.8.9.1:0", "127.8.9.1", 0),
        ("[::1]:65535", "::1", 65535),
        ("localhost:1", "127.0.0.1", 1),
    ],
)
def test_addresses_of_this_machine(written: str, host: str, port: int) -> None:
    assert loopback_address(written) == LoopbackAddress(host, port)


def test_an_address_is_written_as_it_is_read() -> None:
    for written in ("127.0.0.1:7401", "[::1]:0"):
        assert str(loopback_address(written)) == written


@pytest.mark.parametrize(
    "written",
    ["0.0.0.0:7401", "[::]:7401", "10.0.0.1:1", "192.0.2.1:7401", "[2001:db8::1]:7401", "[::ffff:10.0.0.1]:7401"],
)
def test_what_others_can_reach_is_turned_away(written: str) -> None:
    with pytest.raises(NotLoopback, match="other machines can reach"):
        loopback_address(written)


@pytest.mark.parametrize(
    "written",
    [
        *("", ":", "7401", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:-1", "127.0.0.1:65536", "::1:7401"),
        *("127.0.0.1:0000009999999", "127.0.0.1:٣", "[127.0.0.1]:1", "[localhost]:1", "pbx:1", "*:1", "127.1:7401"),
        *("2130706433:1", "0x7f.0.0.1:1", "127.0.0.1 :1", "127.0.0.1:1\n", "[::1:1", "::1]:1"),
    ],
)
def test_what_is_no_address_is_turned_away(written: str) -> None:
    with pytest.raises(NotLoopback, match="is no address and port"):
        loopback_address(written)


def test_hosts() -> None:
    assert [one for one in ("localhost", "127.0.0.2", "::1", "evil.example", "10.0.0.1", "") if is_loopback(one)] == [
        "localhost",
        "127.0.0.2",
        "::1",
    ]
