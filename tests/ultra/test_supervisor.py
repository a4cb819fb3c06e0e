"""What the supervisor starts again and what not, with children that end as they are told."""

import asyncio
import signal
from pathlib import Path

import pytest

from runtime.tasks import Daemon, ExitCode
from tests.waiting import until
from ultra.supervisor import IsSettled, Program, Supervisor, programs_of, reason_of, settled_by_code

SOURCE = """
import pathlib, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGHUP])
config = pathlib.Path(sys.argv[2])
count = config.with_suffix(".count")
number = int(count.read_text()) if count.exists() else 0
count.write_text(str(number + 1))
print(f"start {number}", flush=True)
wanted = config.read_text().split()[number]
if wanted != "stay":
    sys.exit(int(wanted))
got = signal.sigwait([signal.SIGTERM, signal.SIGHUP])
print(got.name, flush=True)
"""


class Stage:
    """Daemons that end as their settings say, one word for each start, under a supervisor."""

    def __init__(self, folder: Path, is_settled: IsSettled = settled_by_code, **scripts: str) -> None:
        settings = {name: folder / f"{name}.toml" for name in scripts}
        for name, script in scripts.items():
            settings[name].write_text(script)
        self.said: list[tuple[str, str]] = []
        self.outcome: ExitCode | None = None
        programs = [Program(name, "actor", ("--config", str(path))) for name, path in settings.items()]
        self.daemon = Daemon("test")
        self.supervisor = Supervisor(programs, self.daemon.spawn, self._say, is_settled, jitter=lambda: 0.5)

    def _say(self, name: str, line: str) -> None:
        self.said.append((name, line))

    async def run(self, *when_all_stay: str) -> None:
        """Until nobody is left, or until everybody has said these words and the supervisor is asked to stop."""

        async def main(daemon: Daemon) -> None:
            if when_all_stay:
                daemon.spawn(self._stop_after(set(when_all_stay)), name="test stop")
            self.outcome = await self.supervisor.run()

        assert await self.daemon.live(main) == ExitCode.STOPPED

    async def _stop_after(self, words: set[str]) -> None:
        await until(lambda: words <= {line for _, line in self.said})
        await self.supervisor.stop()


@pytest.fixture(autouse=True)
def actor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "actor.py").write_text(SOURCE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


async def test_a_crashed_one_is_started_again_until_it_stays(tmp_path: Path) -> None:
    stage = Stage(tmp_path, gateway="70 71 stay")
    await stage.run("start 2")
    assert stage.said == [("gateway", f"start {number}") for number in range(3)] + [("gateway", "SIGTERM")]
    assert stage.outcome is ExitCode.STOPPED
    assert stage.supervisor.children == {}


@pytest.mark.parametrize(
    ("exit_code", "outcome"), [("0", ExitCode.STOPPED), ("1", ExitCode.REFUSED), ("2", ExitCode.REFUSED)]
)
async def test_what_a_person_must_mend_is_not_tried_again(tmp_path: Path, exit_code: str, outcome: ExitCode) -> None:
    stage = Stage(tmp_path, gateway=f"{exit_code} stay")
    await stage.run()
    assert stage.said == [("gateway", "start 0")]
    assert stage.outcome is outcome


async def test_who_supervises_may_want_nobody_started_again(tmp_path: Path) -> None:
    ended: list[tuple[str, int]] = []

    def is_settled(name: str, exit_code: int) -> bool:
        ended.append((name, exit_code))
        return True

    stage = Stage(tmp_path, is_settled, gateway="70 stay")
    await stage.run()
    assert (stage.said, ended) == ([("gateway", "start 0")], [("gateway", 70)])


async def test_one_that_waits_to_be_started_again_does_not_hold_up_the_end(tmp_path: Path) -> None:
    stage = Stage(tmp_path, gateway="70 70 70 70 70 70", cti="stay")
    await stage.run("start 0", "start 3")
    assert stage.outcome is ExitCode.STOPPED
    assert stage.said.count(("cti", "SIGTERM")) == 1


async def test_one_that_refuses_does_not_keep_the_others_from_running(tmp_path: Path) -> None:
    stage = Stage(tmp_path, gateway="1", cti="70 stay")
    await stage.run("start 1")
    assert ("cti", "SIGTERM") in stage.said
    assert stage.outcome is ExitCode.REFUSED


async def test_a_reload_reaches_everybody(tmp_path: Path) -> None:
    stage = Stage(tmp_path, gateway="stay 0", cti="stay 0")

    async def reload_once() -> None:
        await until(lambda: len(stage.said) == 2)
        await stage.supervisor.reload()

    async with asyncio.TaskGroup() as group:
        group.create_task(reload_once())
        group.create_task(stage.run("SIGHUP"))
    assert sorted(stage.said)[:2] == [("cti", "SIGHUP"), ("cti", "start 0")]


def test_those_with_settings_are_started(tmp_path: Path) -> None:
    assert programs_of(tmp_path) == []
    (tmp_path / "gateway.toml").touch()
    (tmp_path / "licence.toml").touch()
    assert programs_of(tmp_path) == [Program("gateway", "gateway", ("--config", str(tmp_path / "gateway.toml")))]


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [(-signal.SIGKILL, "killed by SIGKILL"), (-999, "killed by signal 999"), (70, "a bug of ours, see the lines above"),
     (71, "did not stop in time"), (113, "a bug of ours, see the lines above")],
)  # fmt: skip
def test_every_exit_code_has_words(exit_code: int, words: str) -> None:
    assert reason_of(exit_code) == words
