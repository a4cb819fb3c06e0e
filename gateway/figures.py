"""Under which names the gateway's metrics stand."""

from typing import Final

from runtime.metric_families import Families

FIGURES: Final = Families("ultra_gateway")
