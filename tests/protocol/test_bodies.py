"""Every kind has a body, and what a peer may send is bounded."""

import pytest

from protocol.bodies import BODIES
from protocol.body import FIELD_HEADER
from protocol.errors import Code, Problem
from protocol.kinds import Kind
from protocol.shapes import Text


def test_every_kind_has_a_body_and_no_tag_twice() -> None:
    assert set(BODIES) == set(Kind)
    for body in BODIES.values():
        tags = [one.tag for one in body.fields]
        assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("tag", [1, 2, 3])
def test_a_filter_names_a_bounded_number_of_devices_agents_and_queues(tag: int) -> None:
    count = 1_001
    packed = count.to_bytes(2, "big") + b"".join(Text.build("8001") for _ in range(count))
    parsed = BODIES[Kind.SUBSCRIBE].parse(bytes(17) + FIELD_HEADER.pack(tag, len(packed)) + packed)
    assert isinstance(parsed, Problem)
    assert parsed.code is Code.MALFORMED
    assert ("devices", "agents", "queues")[tag - 1] in parsed.text
