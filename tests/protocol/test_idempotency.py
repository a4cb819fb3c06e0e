"""A request repeated under its key is answered, not done again; the book is bounded."""

from model.ids import DeviceNumber
from protocol.idempotency import KeyBook
from protocol.kinds import Kind
from protocol.requests import Reply, Request


def request(key: str) -> Request:
    return Request(Kind.MAKE_CALL, DeviceNumber("8001"), destination="8002", idempotency_key=key)


def test_the_first_is_new_and_its_repeats_are_not() -> None:
    book: KeyBook[str] = KeyBook()
    entry, is_new = book.claim("desk", request("a"), 0.0)
    assert is_new
    assert book.claim("desk", request("a"), 1.0) == (entry, False)
    assert book.claim("other desk", request("a"), 1.0)[1] is True
    assert book.claim("desk", request("b"), 1.0)[1] is True


def test_an_answered_key_is_forgotten_after_its_time_a_running_one_is_not() -> None:
    book: KeyBook[str] = KeyBook(seconds=10)
    done, _ = book.claim("desk", request("done"), 0.0)
    book.claim("desk", request("running"), 1.0)
    assert done is not None
    done.reply = Reply()
    assert book.claim("desk", request("done"), 9.0) == (done, False)
    assert book.claim("desk", request("done"), 10.0)[1] is True
    assert book.claim("desk", request("running"), 100.0)[1] is False


def test_a_full_book_gives_up_answered_keys_only() -> None:
    book: KeyBook[str] = KeyBook(keys_max=2)
    book.claim("desk", request("running"), 0.0)
    done, _ = book.claim("desk", request("done"), 0.0)
    assert book.claim("desk", request("third"), 0.0) == (None, False)
    assert done is not None
    done.reply = Reply()
    assert book.claim("desk", request("third"), 0.0)[1] is True
    assert book.claim("desk", request("running"), 0.0)[1] is False
    assert len(book) == 2
