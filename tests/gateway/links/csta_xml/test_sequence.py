"""Numbers of messages: what each order of them means."""

import pytest

from gateway.links.csta_xml.sequence import REMEMBERED, MessageNumbers, Order

N, D, L, G, R = Order.NEXT, Order.DOUBLE, Order.LATE, Order.GAP, Order.RESTARTED


@pytest.mark.parametrize(
    ("numbers", "orders"),
    [
        ("7 8 9", [N, N, N]),
        ("7 7 8", [N, D, N]),
        ("7 8 7 9", [N, N, D, N]),
        ("7 10 8 9 11", [N, G, L, L, N]),
        ("7 10 8 8", [N, G, L, D]),
        ("500 501 1 2", [N, N, R, N]),
        ("500 501 500x 501x 502", [N, N, R, N, N]),
        ("0 1 2147483647 0", [N, N, G, D]),
        ("5 6 2147483647 0", [N, N, G, R]),
    ],
)
def test_orders(numbers: str, orders: list[Order]) -> None:
    """`x` marks a message of another content than the first with its number."""
    book = MessageNumbers()
    taken = [book.take(int(word.rstrip("x")), word.encode()) for word in numbers.split()]
    assert taken == orders


def test_only_so_many_are_remembered() -> None:
    book = MessageNumbers()
    for number in range(10 * REMEMBERED):
        assert book.take(number, b"") is N
    assert book.take(9 * REMEMBERED, b"") is D
    assert book.take(3, b"") is R
