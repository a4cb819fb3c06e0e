"""How the webhook is, for those who tell it: readiness, metrics."""

from dataclasses import dataclass


@dataclass(slots=True)
class WebhookStatus:
    """``trouble`` empty: the last request was answered as it should be, or none was needed yet."""

    trouble: str = ""
    waiting: int = 0
    delivered: int = 0
    failures: int = 0
    given_up: int = 0
