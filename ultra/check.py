"""`ultra check`: every mistake in gateway.toml, port.cfg, the users, the licence and cdr.toml at once, before a daemon
is started or reloaded.

Reading and judging are `gateway.site_files`'s and `cdr.site_files`'s, the same that the daemons start from; here is
only how it is told.
Exit 1 on any error, 0 when there are only warnings. Must not change anything.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.config import GatewaySettings
from gateway.licence_host import host_ids
from gateway.portcfg import PortFile
from gateway.site_files import Site, read_site
from model.states import PortKind
from runtime.problems import Problem, Severity, as_json, cell_width, has_errors, render
from runtime.shown_path import shown
from runtime.texts import Language, Text, counted, language_from, text, verbatim
from runtime.toml_file import read_toml
from runtime.users_file import UsersFile

if TYPE_CHECKING:
    from cdr.site_files import CdrSite

ETC_FOLDER = Path("etc")
CONFIG_NAME = "gateway.toml"
CDR_NAME = "cdr.toml"

NO_CONFIG = "U001"
NOBODYS_FILE = "U002"


@click.command()
@click.option("--etc", type=click.Path(path_type=Path), help="Folder of the toml files [etc].")
@click.option(
    "--port-cfg", type=click.Path(path_type=Path), help="This port.cfg instead of the one that is configured."
)
@click.option("--licence", type=click.Path(path_type=Path), help="This licence instead of the one that is configured.")
@click.option(
    "--lang", type=click.Choice([one.value for one in Language]), help="Language of the report [the shell's]."
)
@click.option("--json", "json_wanted", is_flag=True, help="One JSON object instead of text.")
def check(etc: Path | None, port_cfg: Path | None, licence: Path | None, lang: str | None, json_wanted: bool) -> None:
    """Report every mistake in the configuration at once.

    Exits 1 when there is an error, 0 when there are only warnings.
    """
    language = Language(lang) if lang else language_from()
    config, problems = _find_config(etc, only_files=port_cfg is not None or licence is not None)
    site = read_site(config, now=datetime.now(UTC), host_ids=host_ids(), port_cfg=port_cfg, licence=licence)
    cdr = _find_cdr(etc, site)
    problems = (*without_named(problems, site, cdr), *site.problems, *(() if cdr is None else cdr.problems))
    if json_wanted:
        click.echo(json.dumps(_as_object(site, cdr, problems, language), ensure_ascii=False, indent=2))
    else:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        click.echo(report(site, cdr, problems, language, colour=colour))
    sys.exit(1 if has_errors(problems) else 0)


def without_named(problems: tuple[Problem, ...], site: Site, cdr: CdrSite | None) -> tuple[Problem, ...]:
    """A toml file that gateway.toml names, such as the licence, is somebody's."""
    named = {site.licence_file, site.entrance.users_file, *(() if cdr is None else (cdr.config_file, cdr.users_file))}
    return tuple(one for one in problems if one.code != NOBODYS_FILE or one.file not in named)


def _find_config(etc: Path | None, *, only_files: bool) -> tuple[Path | None, tuple[Problem, ...]]:
    """gateway.toml and what is wrong with the folder. Without --etc the folder may be missing if files were named
    instead."""
    folder = etc or ETC_FOLDER
    if etc is None and only_files and not folder.is_dir():
        return None, ()
    strays = tuple(
        problem
        for path in sorted(folder.glob("*.toml"))
        if path.name != CONFIG_NAME
        for problem in _stray_problems(path)
    )
    config = folder / CONFIG_NAME
    if config.exists():
        return config, strays
    message = text("there is no {name} in the folder {folder}", name=CONFIG_NAME, folder=shown(folder))
    expected = text("ultra check --etc with the folder that holds it")
    return None, (Problem(NO_CONFIG, Severity.ERROR, shown(config), message, expected=expected), *strays)


def _find_cdr(etc: Path | None, site: Site) -> CdrSite | None:
    """cdr.toml beside gateway.toml, judged with what that says; None where there is none."""
    path = (etc or ETC_FOLDER) / CDR_NAME
    if not path.is_file():
        return None
    from cdr.site_files import not_held_back, read_cdr_site  # half a second, for sites that have records alone

    consumers = None if site.settings is None else site.settings.journal.consumers
    return not_held_back(read_cdr_site(path), consumers)


def _stray_problems(path: Path) -> tuple[Problem, ...]:
    """A toml file of no daemon: most likely a slip in its name, so what it says counts for nothing."""
    nobodys = Problem(
        NOBODYS_FILE,
        Severity.WARNING,
        shown(path),
        text("no daemon of this version reads this file"),
        expected=verbatim(f"{CONFIG_NAME}, {CDR_NAME}"),
    )
    file = read_toml(Path(shown(path)))
    return (nobodys, *file) if isinstance(file, tuple) else (nobodys,)


def report(site: Site, cdr: CdrSite | None, problems: tuple[Problem, ...], language: Language, *, colour: bool) -> str:
    """What an operator reads: each problem with its line, then a row for each file, then what it all comes to."""
    blocks = [render(problem, language, colour=colour) for problem in problems]
    rows = [
        (name.render(language), _counts(_of_file(problems, file)).render(language), words.render(language))
        for name, file, words in _rows(site, cdr)
    ]
    blocks.append(_table(rows))
    blocks.append(_outcome(site, cdr, problems).render(language))
    return "\n\n".join(blocks)


def _rows(site: Site, cdr: CdrSite | None) -> Iterator[tuple[Text, str | None, Text]]:
    """Each file: the name to show, its name in problems, and what it says."""
    if site.config_file is not None:
        yield verbatim(site.config_file), site.config_file, _switch_words(site.settings)
    if site.port_file is not None:
        yield verbatim(site.port_file.file), site.port_file.file, _port_words(site.port_file)
    if site.entrance.users_file is not None:
        yield verbatim(site.entrance.users_file), site.entrance.users_file, _users_words(site.entrance.users)
    name = text("licence") if site.licence_file is None else verbatim(site.licence_file)
    yield name, site.licence_file, _licence_words(site)
    if cdr is not None:
        yield verbatim(cdr.config_file), cdr.config_file, _cdr_words(cdr)


def _switch_words(settings: GatewaySettings | None) -> Text:
    if settings is None:
        return text("not understood")
    switch = settings.switch
    words = text(
        "{interface} {profile} at {host}:{port}",
        interface=switch.interface.value,
        profile=switch.profile.value,
        host=switch.host,
        port=switch.port_number,
    )
    if switch.auto_start:
        return words
    return text("{words}; auto_start is off: the link waits for `ultra link start`", words=words)


def _port_words(port_file: PortFile) -> Text:
    kinds = Counter(port.kind for port in port_file.ports)
    if not kinds:
        return text("no ports")
    listed = ", ".join(f"{kinds[kind]} {kind.name}" for kind in PortKind if kinds[kind])
    return text("{kinds} ({encoding})", kinds=listed, encoding=port_file.encoding.value)


def _users_words(users: UsersFile | None) -> Text:
    if users is None:
        return text("not understood")
    counts = Counter(user.role for user in users.users if not user.is_disabled)
    if not counts:
        return text("nobody can log in")
    return verbatim(", ".join(f"{count} {role}" for role, count in counts.items()))


def _licence_words(site: Site) -> Text:
    needed = 0 if site.port_file is None else sum(port.kind is PortKind.EXT for port in site.port_file.ports)
    granted = site.licence.reason
    if site.licence_problems:
        granted = counted("{count} seat", "{count} seats", site.licence.seats)
    return text("{granted}; {needed} needed", granted=granted, needed=needed)


def _cdr_words(cdr: CdrSite) -> Text:
    if cdr.settings is None:
        return text("not understood")
    servers = ", ".join(server for stream in cdr.settings.streams.values() for server in stream.server)
    return text("records of {servers} into {database}", servers=servers, database=cdr.shown_url)


def _outcome(site: Site, cdr: CdrSite | None, problems: tuple[Problem, ...]) -> Text:
    gateway = _gateway_outcome(site, problems)
    if cdr is None or cdr.can_start:
        return gateway
    return text("{outcome}; the call records do not start", outcome=gateway)


def _gateway_outcome(site: Site, problems: tuple[Problem, ...]) -> Text:
    counts = _counts(problems)
    if site.config_file is None and not has_errors(problems):
        return counts
    if not site.can_start:
        return text("{counts}: the gateway does not start", counts=counts)
    if has_errors(site.licence_problems):
        return text("{counts}: the gateway starts, with {seats} seats", counts=counts, seats=site.licence.seats)
    return text("{counts}: the gateway starts", counts=counts)


def _of_file(problems: tuple[Problem, ...], file: str | None) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if problem.file == file)


def _counts(problems: tuple[Problem, ...]) -> Text:
    errors = sum(problem.is_error for problem in problems)
    warnings = len(problems) - errors
    spoken_errors = counted("{count} error", "{count} errors", errors)
    spoken_warnings = counted("{count} warning", "{count} warnings", warnings)
    if errors and warnings:
        return text("{errors}, {warnings}", errors=spoken_errors, warnings=spoken_warnings)
    if errors or warnings:
        return spoken_errors if errors else spoken_warnings
    return text("no problem")


def _table(rows: list[tuple[str, str, str]]) -> str:
    """Rows in columns; Chinese characters take two cells, which `str.ljust` does not know."""
    widths = [max(_cells(row[column]) for row in rows) for column in range(2)]
    return "\n".join(
        "  ".join([*(cell + " " * (width - _cells(cell)) for cell, width in zip(row, widths, strict=False)), row[2]])
        for row in rows
    )


def _cells(words: str) -> int:
    return sum(map(cell_width, words))


def _as_object(site: Site, cdr: CdrSite | None, problems: tuple[Problem, ...], language: Language) -> dict[str, object]:
    """The report for scripts; every key is API."""
    ports = () if site.port_file is None else site.port_file.ports
    errors = sum(problem.is_error for problem in problems)
    return {
        "errors": errors,
        "warnings": len(problems) - errors,
        "can_start": site.can_start,
        "config": site.config_file,
        "port_cfg": None if site.port_file is None else site.port_file.file,
        "encoding": None if site.port_file is None else site.port_file.encoding.value,
        "ports": {kind.name: sum(port.kind is kind for port in ports) for kind in PortKind},
        "licence": {
            "file": site.licence_file,
            "kind": site.licence.kind.label,
            "seats": site.licence.seats,
            "reason": site.licence.reason.render(language),
        },
        "cdr": None
        if cdr is None
        else {"config": cdr.config_file, "can_start": cdr.can_start, "database": cdr.shown_url},
        "problems": [as_json(problem, language) for problem in problems],
    }


if __name__ == "__main__":
    check()
