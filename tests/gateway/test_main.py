"""``ultralnk`` from the shell: what it says and how it ends when it cannot start."""

import subprocess
import sys
from pathlib import Path

from runtime.tasks import ExitCode

SECONDS_MAX = 60


def ultralnk(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS_MAX, env={"PYTHONPATH": str(HOME)}
    )


HOME = Path(__file__).resolve().parents[2]


def site(folder: Path, settings: str, ports: str = "EXT 8001\n") -> str:
    (folder / "port.cfg").write_text(ports, encoding="utf-8")
    (folder / "gateway.toml").write_text('port_cfg = "port.cfg"\n' + settings, encoding="utf-8")
    return "gateway.toml"


def test_without_a_configuration_it_says_which_file_is_missing(tmp_path: Path) -> None:
    ended = ultralnk("--config", "etc/gateway.toml", folder=tmp_path)
    assert ended.returncode == ExitCode.REFUSED
    assert "etc/gateway.toml" in ended.stderr


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    config = site(tmp_path, '[switch]\ninterface = "csta"\nhost = "h"\nport = 70000\n', "EXT 8001\nTELEX 1\n")
    ended = ultralnk("--config", config, folder=tmp_path)
    assert ended.returncode == ExitCode.REFUSED
    for named in ("switch.interface", "switch.port", "port.cfg:2", "ultra check"):
        assert named in ended.stderr


def test_an_address_beyond_loopback_is_refused_with_the_reason(tmp_path: Path) -> None:
    config = site(
        tmp_path,
        '[switch]\ninterface = "csta-xml"\nhost = "127.0.0.1"\nport = 9\n[serve]\nlisten = "0.0.0.0:7400"\n',
    )
    ended = ultralnk("--config", config, folder=tmp_path)
    assert ended.returncode == ExitCode.REFUSED
    assert "TLS" in ended.stderr


def test_help_names_the_option(tmp_path: Path) -> None:
    ended = ultralnk("--help", folder=tmp_path)
    assert ended.returncode == ExitCode.STOPPED
    assert "--config" in ended.stdout
