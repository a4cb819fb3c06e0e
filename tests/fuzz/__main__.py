"""One fuzz target guided by coverage, with libFuzzer in this process (atheris).

    python -m tests.fuzz                              the targets there are
    python -m tests.fuzz TARGET SECONDS FOLDER        try inputs, and keep those that reach something new in FOLDER
    python -m tests.fuzz TARGET FILE                  try that one input, for instance what a run left behind

What libFuzzer says goes to standard error. Exit code 0: nothing was found. An input that breaks the target is left in
FOLDER's parent, its name begins with that of the target.
"""

import importlib
import logging
import sys
import tempfile
from pathlib import Path

import structlog
from hypothesis import settings

from tests.fuzz.target import Target

WATCHED = ("gateway", "model", "protocol", "runtime", "scramp", "tomli", "tests.fuzz.planted")
"""Packages whose branches guide."""
INPUT_SECONDS_MAX = 10
"""For one input, of some kilobytes: beyond it, time is not bounded by size. The machine may be busy."""
MEGABYTES_MAX = 1_024
WORD_BYTES_MAX = 64
"""libFuzzer takes no longer ones."""


def main(arguments: list[str]) -> None:
    """See above."""
    match arguments:
        case []:
            print(*importlib.import_module("tests.fuzz.catalogue").TARGETS, sep="\n")
        case [name, path]:
            _target(name).check(Path(path).read_bytes())
        case [name, seconds, folder]:
            guided(name, float(seconds), Path(folder))
        case _:
            sys.exit(__doc__)


def guided(name: str, seconds: float, folder: Path) -> None:
    """Run the target until the time is up or something is found; ends the process."""
    import atheris  # not at the top: only this needs it

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    settings.register_profile("guided", deadline=None, database=None)
    settings.load_profile("guided")
    with atheris.instrument_imports(include=list(WATCHED), enable_loader_override=False):
        target = _target(name)
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (folder / f"seed-{number:03}").write_bytes(seed[: target.bytes_max])
    for found in target.found():
        (folder / f"found-{found.name}").write_bytes(found.read_bytes()[: target.bytes_max])
    with tempfile.NamedTemporaryFile("w", suffix=".dict") as words:
        words.writelines(f'"{_escaped(word)}"\n' for word in target.words if len(word) <= WORD_BYTES_MAX)
        words.flush()
        options = [
            f"-max_total_time={int(seconds)}",
            f"-max_len={target.bytes_max}",
            f"-timeout={INPUT_SECONDS_MAX}",
            f"-rss_limit_mb={MEGABYTES_MAX}",
            f"-artifact_prefix={folder.parent / target.name}-",
            *([f"-dict={words.name}"] if target.words else []),
            "-print_final_stats=1",
            "-reload=0",
        ]

        def check(tried: bytes) -> None:
            target.check(tried)

        atheris.Setup([sys.argv[0], *options, str(folder)], check)
        atheris.Fuzz()


def _target(name: str) -> Target:
    """The target, and with it all that it tries, imported now and not before: what watches must be there first."""
    if name == "planted":
        planted: Target = importlib.import_module("tests.fuzz.planted").PLANTED
        return planted
    found: Target = importlib.import_module("tests.fuzz.catalogue").TARGETS[name]
    return found


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02X}" for byte in word)


if __name__ == "__main__":
    main(sys.argv[1:])
