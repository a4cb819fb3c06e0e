"""What is handed over is whole: shipped configuration is accepted by the real check, documents name what there is, and
every package is pinned."""

import configparser
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bench.brokers import BROKERS
from gateway.config import GatewaySettings
from runtime.expected import Schema, keys_at, schema_of
from runtime.toml_file import ConfigCode
from tests.rules.source_tree import ROOT, none_of

TARGETS = ("setup", "demo", "test", "check", "bench", "deep")
READMES = ("README.md", "README.zh.md")
NOT_PINNED = frozenset(("pip", "setuptools", "ultra-cti"))
"""The tools that install, and ourselves."""


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def targets(makefile: str) -> list[str]:
    """The targets that `make help` lists."""
    return re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)


def unnamed(words: Iterable[str], document: str) -> list[str]:
    """Those of `words` that a document does not show as code."""
    return [word for word in words if f"`{word}`" not in document]


def pins(constraints: str) -> dict[str, str]:
    """Version by canonical name; ValueError for a line that pins nothing."""
    held: dict[str, str] = {}
    for line in constraints.splitlines():
        if line and not line.startswith("#"):
            name, separator, version = line.partition("==")
            if not separator or not version:
                raise ValueError(f"pins nothing: {line}")
            held[canonicalize_name(name)] = version
    return held


def needed(name: str, extras: frozenset[str], seen: set[str]) -> set[str]:
    """Canonical names of all distributions that one brings along on this machine, itself included."""
    canonical = canonicalize_name(name)
    if canonical in seen:
        return seen
    seen.add(canonical)
    for line in importlib.metadata.requires(name) or []:
        requirement = Requirement(line)
        environments = [{"extra": extra} for extra in extras] or [{"extra": ""}]
        if requirement.marker is None or any(requirement.marker.evaluate(each) for each in environments):
            needed(requirement.name, frozenset(requirement.extras), seen)
    return seen


def test_the_makefile_has_its_targets() -> None:
    assert [target for target in TARGETS if target not in targets(text_of("Makefile"))] == []


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_names_every_target(readme: str) -> None:
    assert unnamed((f"make {target}" for target in TARGETS), text_of(readme)) == []


def test_a_target_that_is_not_named_is_found() -> None:
    assert unnamed(["make demo", "make test"], "only `make demo`, and make test") == ["make test"]
    assert targets("demo: x ## see it\n.venv/ready: setup.cfg\n") == ["demo"]


@pytest.mark.parametrize("name", ["README.md", "README.zh.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"])
def test_a_document_is_there(name: str) -> None:
    assert len(text_of(name).split()) > 40


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_names_the_commands_that_there_are_and_no_others(readme: str) -> None:
    helped = subprocess.run(
        [sys.executable, "-m", "ultra", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    offered = re.findall(r"^  ([a-z]+) ", helped, re.MULTILINE)
    named = set(re.findall(r"\bultra ([a-z]+)", text_of(readme)))
    assert offered
    assert sorted(named) == sorted(offered)


def test_links_between_documents_lead_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    none_of(
        f"{document.relative_to(ROOT)}: {link}"
        for document in documents
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
        if not (document.parent / link).exists()
    )


def test_the_operations_page_names_every_setting_and_code() -> None:
    page = text_of("docs/operations.md")
    shown = page + "".join(f"`{name}`" for name in re.findall(r"`\[\w+\] (\w+)`", page))
    none_of(unnamed(keys(schema_of(GatewaySettings), ()), shown))
    none_of(f"{code.code}: {code.meaning.render()}" for code in ConfigCode if row(code) not in page)


def keys(schema: Schema, table: tuple[str, ...]) -> list[str]:
    """The names of all settings of a model, those in its tables included, the tables themselves left out."""
    names = []
    for name in keys_at(schema, table):
        inner = keys(schema, (*table, name))
        names += inner or [name]
    return names


def row(code: ConfigCode) -> str:
    return f"| {code.code} | {code.meaning.render()} |"


def test_everything_that_is_installed_for_us_is_pinned() -> None:
    held = pins(text_of("constraints.txt"))
    none_of(sorted(needed("ultra-cti", frozenset(("dev",)), set()) - set(held) - NOT_PINNED))


def extra(name: str) -> set[str]:
    """The packages that setup.cfg asks for with an extra of ours."""
    config = configparser.ConfigParser()
    config.read_string(text_of("setup.cfg"))
    lines = config["options.extras_require"][name].strip().splitlines()
    return {canonicalize_name(Requirement(line).name) for line in lines}


def is_installed(name: str) -> bool:
    """Whether a distribution is there."""
    return any(importlib.metadata.distributions(name=name))


def test_the_tests_run_on_the_pinned_versions() -> None:
    held = pins(text_of("constraints.txt"))
    only_for_deep = extra("fuzz")
    assert only_for_deep <= set(held)
    none_of(
        f"{name}: {importlib.metadata.version(name)} is installed, {version} is pinned"
        for name, version in held.items()
        if (name not in only_for_deep or is_installed(name)) and importlib.metadata.version(name) != version
    )


@pytest.mark.parametrize("line", ["click", "click>=8", "click=="])
def test_a_line_that_pins_nothing_is_found(line: str) -> None:
    with pytest.raises(ValueError, match="pins nothing"):
        pins(f"# comment\nrich==15.0.0\n{line}\n")


def test_commands_lead_to_functions() -> None:
    config = configparser.ConfigParser()
    config.read_string(text_of("setup.cfg"))
    commands = config["options.entry_points"]["console_scripts"].strip().splitlines()
    assert [command.split()[0] for command in commands] == ["ultralnk", "ultracdr", "ultra"]
    for entry in importlib.metadata.entry_points(group="console_scripts"):
        if entry.name in ("ultralnk", "ultracdr", "ultra"):
            assert callable(entry.load())


def test_the_shipped_configuration_passes_the_real_check() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "ultra", "check", "--etc", "etc", "--port-cfg", "port.cfg"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert list(ROOT.glob("etc/*.toml")), "no configuration is shipped"


def test_all_that_the_tests_run_against_is_prepared_in_one_go(tmp_path: Path) -> None:
    """Shown by what it says is missing where nothing is installed and nothing can be."""
    for tool in ("bash", "dirname", "id"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    said = subprocess.run(
        [ROOT / "tests" / "prepare", "tests"],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    (packages,) = re.findall(r"can install them: (.*)", said)
    databases = {"postgresql", "mariadb-server", "unixodbc", "odbc-postgresql", "odbc-mariadb", "libsqliteodbc"}
    assert set(packages.split()) == {"sip-tester", "debootstrap", *databases, *BROKERS} - {"ulp", "ulp+journal"}
