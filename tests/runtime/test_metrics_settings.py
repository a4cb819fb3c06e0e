"""The `[metrics]` table: off unless asked for, and only on this machine."""

import pytest
from pydantic import ValidationError

from runtime.loopback import LoopbackAddress
from runtime.metrics_settings import MetricsSettings


def test_nothing_is_listened_on_unless_asked_for() -> None:
    assert MetricsSettings().address is None
    assert MetricsSettings(listen="").address is None


def test_where_it_is_listened_on() -> None:
    assert MetricsSettings(listen="[::1]:7401").address == LoopbackAddress("::1", 7401)


@pytest.mark.parametrize("listen", ["0.0.0.0:7401", "7401", " "])
def test_what_is_turned_away(listen: str) -> None:
    with pytest.raises(ValidationError):
        MetricsSettings(listen=listen)
