"""How far behind a live subscriber is."""

from protocol.server.lag import Lag


def test_nobody_is_behind_for_whom_nothing_waits() -> None:
    lag = Lag(5, 10.0)
    assert lag.events(0, 900) == 0


def test_it_counts_from_when_all_had_left() -> None:
    lag = Lag(5, 10.0)
    lag.look(0, 100, 11.0)
    lag.look(300, 200, 12.0)
    lag.look(900, 300, 13.0)
    assert lag.events(900, 310) == 210
    assert lag.seconds(13.5) == 2.5


def test_who_has_caught_up_is_not_behind_any_more() -> None:
    lag = Lag(5, 10.0)
    lag.look(300, 200, 12.0)
    lag.look(0, 400, 13.0)
    assert lag.events(1, 401) == 1
    assert lag.seconds(13.0) == 0
