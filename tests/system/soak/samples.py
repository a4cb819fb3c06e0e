"""What a gateway holds at one moment of its soak, and whether it becomes more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from protocol.limits import IDEMPOTENCY_SECONDS, RING_EVENTS_MAX
from tests.system.soak.figures import HOUR_SECONDS, Holding, slope_an_hour

MEGABYTE = 1024**2
WARM_SECONDS = 2 * IDEMPOTENCY_SECONDS
"""Until then what is kept for a time is still becoming more, whatever the rate: of replies, ten minutes of them."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The gateway at one moment, ``seconds`` after the beginning."""

    seconds: float
    events: int
    held: Holding
    tasks: int
    blocks: int
    """Pieces of memory in use."""
    connections: int
    journal_bytes: int


def warmed(samples: Sequence[Sample]) -> list[Sample]:
    """Those from which on nothing grows any more that may: the ring is full, what is kept for a time has been kept.
    None of a run that is over before."""
    return [one for one in samples if one.events >= RING_EVENTS_MAX and one.seconds >= WARM_SECONDS]


def rss_bytes(sample: Sample) -> float:
    return sample.held.rss_bytes


def own_megabytes(sample: Sample) -> float:
    return own_bytes(sample) / MEGABYTE


def own_bytes(sample: Sample) -> float:
    return sample.held.own_bytes


def blocks_a_call(samples: Sequence[Sample], calls_an_hour: float) -> float:
    """The pieces of memory that each call has left: by how much the fewest of the second half are more than the fewest
    of the first. Between, garbage waits for its collector."""
    half = len(samples) // 2
    first, second = (min(one.blocks for one in part) for part in (samples[:half], samples[half:]))
    return (second - first) / calls_an_hour / (samples[half].seconds - samples[0].seconds) * HOUR_SECONDS


def file_count(sample: Sample) -> float:
    return sample.held.files


def slope(samples: Sequence[Sample], figure: Callable[[Sample], float]) -> float:
    return slope_an_hour([(one.seconds, figure(one)) for one in samples])
