"""What a part says of itself: who wrote it, of what, and where it begins. JSON, to be read by eyes too. Pure."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True)
class Header:
    """``capture`` names all parts of one run of a gateway, ``part`` counts them from 1. ``switch`` are the settings of
    ``[switch]`` without its secret. ``epoch`` and ``next_number`` are those of the first event to come."""

    software: str
    python: str
    capture: str
    part: int
    began: str
    wall_us: int
    monotonic_us: int
    stream: str
    stream_index: int
    epoch: int
    next_number: int
    interface: str
    profile: str
    switch: dict[str, Any]
    port_cfg: str
    seats: int
    masked_numbers: bool = False

    def pack(self) -> bytes:
        """The header's content."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()


_ADAPTER = TypeAdapter(Header)


def read_header(content: bytes) -> Header:
    """ValueError for what no header is."""
    try:
        return _ADAPTER.validate_json(content, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"its header: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
