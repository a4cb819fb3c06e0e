"""The software's name: a version and the code's own checksum."""

import re

from gateway.capture.software import software


def test_it_names_version_and_code() -> None:
    assert re.fullmatch(r"[0-9][0-9.]*\+[0-9a-f]{8}", software())
    assert software() == software()
