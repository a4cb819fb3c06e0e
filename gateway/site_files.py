"""The files that a gateway stands on, read together: gateway.toml, and the port.cfg, users, TLS files and licence that
it names.

The daemon starts from a `Site`, and `ultra check` prints one; so both see the same problems, those between the files
included. A broken gateway.toml does not keep the others from being read: what it says of them is taken as far as it
can be understood. Must not stop anything and must not log: it returns problems.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.config import GatewaySettings, Interface, SwitchSettings
from gateway.entrance import EntranceFiles, read_entrance, users_alone
from gateway.licence import LicenceState, licence_problem, load_licence
from gateway.licence_clock import ClockMemory, recall_time
from gateway.licence_keys import BadPublicKey, PublicKey, trusted_keys
from gateway.portcfg import PortFile, PortKind, read_port_file
from gateway.portcfg_problems import PortCode
from gateway.seats import seat_problems
from runtime.config import settings_of
from runtime.expected import public_names
from runtime.problems import Problem, has_errors
from runtime.secret_file import read_secret, secret_problems
from runtime.shown_path import shown
from runtime.texts import Text, text
from runtime.toml_file import TomlFile, read_toml

BAD_SECRET_FILE = "G002"
OPEN_SECRET_FILE = "G003"
NO_ENTRANCE = EntranceFiles(None)


@dataclass(frozen=True, slots=True)
class Site:
    """What the files say. `settings` has its paths located; it is None when gateway.toml is broken or was not asked
    for.

    `config_file`, `port_file.file` and `licence_file` are the names to show. Each group of problems is in the order
    of its file.
    """

    config_file: str | None
    settings: GatewaySettings | None
    config_problems: tuple[Problem, ...]
    port_file: PortFile | None
    port_problems: tuple[Problem, ...]
    licence_file: str | None
    licence: LicenceState
    licence_problems: tuple[Problem, ...]
    entrance: EntranceFiles
    """Who may come in; its problems of gateway.toml are among `config_problems`, too."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them, file by file."""
        return self.config_problems + self.port_problems + self.entrance.users_problems + self.licence_problems

    @property
    def can_start(self) -> bool:
        """Whether the gateway may start. A licence never keeps it from that: it then serves the evaluation size."""
        read = self.settings is not None and self.port_file is not None
        return read and not has_errors(self.config_problems + self.port_problems + self.entrance.users_problems)


def read_site(
    config: Path | None,
    *,
    now: datetime,
    host_ids: Collection[str],
    port_cfg: Path | None = None,
    licence: Path | None = None,
) -> Site:
    """Read the files and check them against each other; `port_cfg` and `licence` replace those that gateway.toml
    names."""
    read = _Config() if config is None else _read_config(config, now)
    port_path = port_cfg or read.port_cfg
    licence_path = licence or read.licence_file
    memory = ClockMemory(None) if read.clock_file is None else recall_time(read.clock_file, shown(read.clock_file))
    state = load_licence(licence_path, now, _usable_keys(read.public_keys), memory.last_seen, host_ids)
    licence_file = None if licence_path is None else shown(licence_path)
    found = licence_problem(state, licence_file or "")
    port_file = None if port_path is None else read_port_file(port_path, shown(port_path))
    return Site(
        config_file=None if config is None else shown(config),
        settings=read.settings,
        config_problems=read.problems,
        port_file=port_file,
        port_problems=() if port_file is None else port_problems(port_file, state.seats, read.interface),
        licence_file=licence_file,
        licence=state,
        licence_problems=tuple(problem for problem in (found, memory.problem) if problem is not None),
        entrance=read.entrance,
    )


def port_problems(port_file: PortFile, seats: int, interface: Interface | None) -> tuple[Problem, ...]:
    """The problems of port.cfg, with those that only the licence and the link make; also what a reload reports."""
    problems = [*port_file.problems, *seat_problems(port_file, seats)]
    if interface is Interface.ASTERISK:
        problems += _trunks_without_endpoint(port_file)
    return tuple(sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0)))


def switch_secret(switch: SwitchSettings) -> str | Text | None:
    """The secret to log in with, from its file or gateway.toml; None when there is none, a Text saying why it cannot
    be had."""
    if switch.secret_file is None:
        return None if switch.secret is None else switch.secret.get_secret_value()
    return read_secret(switch.secret_file)


@dataclass(frozen=True, slots=True)
class _Config:
    """gateway.toml, or of a broken one what it says of the other files."""

    settings: GatewaySettings | None = None
    problems: tuple[Problem, ...] = ()
    port_cfg: Path | None = None
    licence_file: Path | None = None
    public_keys: tuple[str, ...] = ()
    clock_file: Path | None = None
    interface: Interface | None = None
    entrance: EntranceFiles = NO_ENTRANCE


def _read_config(path: Path, now: datetime) -> _Config:
    file = read_toml(Path(shown(path)), public_names(GatewaySettings))
    if not isinstance(file, TomlFile):
        return _Config(None, file, _port_cfg_beside(path.parent))
    settings = settings_of(file, GatewaySettings)
    if not isinstance(settings, GatewaySettings):
        return _guessed(file, settings, path.parent)
    located = settings.located(path.parent)
    entrance = read_entrance(file, located.serve, now)
    return _Config(
        settings=located,
        problems=tuple(sorted((*_own_problems(file, located), *entrance.problems), key=lambda one: one.line or 0)),
        entrance=entrance,
        port_cfg=located.port_cfg,
        licence_file=located.licence.file,
        public_keys=tuple(located.licence.public_key),
        clock_file=located.licence.clock_file,
        interface=located.switch.interface,
    )


def _guessed(file: TomlFile, problems: tuple[Problem, ...], folder: Path) -> _Config:
    named = file.document.get("port_cfg")
    port_cfg = folder / named if isinstance(named, str) else _port_cfg_beside(folder)
    licence, switch, serve = (_table(file, name) for name in ("licence", "switch", "serve"))
    licence_file, key, users = licence.get("file"), licence.get("public_key"), serve.get("users")
    return _Config(
        problems=problems,
        port_cfg=port_cfg,
        licence_file=folder / licence_file if isinstance(licence_file, str) else None,
        public_keys=tuple(one for one in (key if isinstance(key, list) else [key]) if isinstance(one, str)),
        interface=next((one for one in Interface if one == switch.get("interface")), None),
        entrance=users_alone(folder / users) if isinstance(users, str) else NO_ENTRANCE,
    )


def _table(file: TomlFile, name: str) -> dict[str, Any]:
    table = file.document.get(name)
    return table if isinstance(table, dict) else {}


def _port_cfg_beside(folder: Path) -> Path | None:
    """Where port.cfg usually is, when gateway.toml cannot say: in its folder or the one above."""
    return next((path for path in (folder / "port.cfg", folder.parent / "port.cfg") if path.is_file()), None)


def _own_problems(file: TomlFile, settings: GatewaySettings) -> tuple[Problem, ...]:
    """What is wrong with settings that are well written: the files they name."""
    secret, key = settings.switch.secret_file, ("switch", "secret_file")
    if secret is None:
        return ()
    return tuple(secret_problems(file, key, secret, unreadable=BAD_SECRET_FILE, open_to_all=OPEN_SECRET_FILE))


def _usable_keys(written: tuple[str, ...]) -> tuple[PublicKey, ...]:
    """The keys; none when one is badly written, which gateway.toml's own problems say."""
    try:
        return trusted_keys(written)
    except BadPublicKey:
        return ()


def _trunks_without_endpoint(port_file: PortFile) -> list[Problem]:
    """Lines of trunks that leave the endpoint to its default, which fits telephones: no channel would ever be found
    on them."""
    return [
        line.source.problem(
            PortCode.NO_TRUNK_ENDPOINT,
            text("{numbers} has no endpoint, so Asterisk's calls are not found on it", numbers=str(line.numbers)),
            column=line.number_word.column,
            width=line.number_word.width,
            expected=text("endpoint=PJSIP/name, the trunk's name in Asterisk"),
        )
        for line in port_file.lines
        if line.kind is PortKind.TRUNK and line.number_word is not None and "endpoint" not in line.settings
    ]
