"""Each fuzz target guided by coverage for some minutes: the long form. ULTRA_FUZZ_SECONDS says for how long each."""

import importlib.util
import os
from pathlib import Path

import pytest

from tests.fuzz.catalogue import TARGETS
from tests.fuzz.guiding import guided
from tests.fuzz.planted import MAGIC

SECONDS = float(os.environ.get("ULTRA_FUZZ_SECONDS", "120"))
START_SECONDS_MAX = 120

needs_atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris is not installed: `make deep` does, on Linux x86_64 with Python 3.11 to 3.13",
)


@needs_atheris
@pytest.mark.deep
@pytest.mark.timeout(SECONDS + START_SECONDS_MAX)
@pytest.mark.parametrize("name", TARGETS)
def test_a_target_guided_by_coverage(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    course = guided(name, SECONDS)
    with capfd.disabled():
        print(f"\n{course.in_words}")
    assert course.exit_code == 0, course.said[-6_000:]
    assert course.executions > SECONDS, "it hardly ran"
    assert course.edges > 0, "nothing guided it"


@needs_atheris
@pytest.mark.deep
def test_guidance_finds_what_chance_does_not(tmp_path: Path) -> None:
    """A target that breaks only behind six bytes that must be right, one after the other."""
    course = guided("planted", 60, tmp_path)
    assert course.exit_code != 0
    assert course.left is not None
    assert course.left.read_bytes().startswith(MAGIC)
    assert "crashes 1" in course.in_words
