"""A wire does nothing, whatever is asked of it."""

from gateway.links.played import Wire


def test_nothing_leaves_and_nothing_comes_due() -> None:
    wire = Wire()
    called: list[int] = []
    wire.call_soon(called.append, 1).cancel()
    wire.call_later(0.0, called.append, 2).cancel()
    assert wire.create_future().done()
    wire.write(b"x")
    wire.due_in(0.0)
    wire.get_extra_info("socket").setsockopt(6, 1, 1)
    wire.abort()
    wire.close()
    assert (called, wire.get_write_buffer_size(), wire.is_closing()) == ([], 0, False)
