"""Who may import whom, and what must stay pure: the table of docs/architecture.md, enforced."""

import sys
from collections.abc import Iterable

import pytest

from tests.rules.source_tree import (
    CODE_PACKAGES,
    PACKAGES,
    Module,
    closure,
    code_modules,
    imports,
    none_of,
    parsed,
    within,
)

CODEC = tuple(
    f"gateway.links.csta_xml.{name}"
    for name in ("build", "codec", "event_layouts", "framing", "layouts", "messages", "namespaces", "parse", "profiles")
)
"""What of the gateway the simulator may use: the bytes of CSTA XML, and nothing that knows what a call is."""

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "model": (),
    "protocol": ("model",),
    "runtime": (),
    "gateway": ("model", "protocol", "runtime"),
    "cti": ("model", "protocol", "runtime"),
    "cdr": ("model", "protocol", "runtime"),
    "monitor": ("model", "protocol", "runtime"),
    "ivr": ("model", "protocol", "runtime"),
    "recording": ("model", "protocol", "runtime"),
    "mci": ("model", "protocol", "runtime"),
    "softphone": ("model", "protocol"),
    "simulator": (*CODEC, "runtime"),
    "ultra": CODE_PACKAGES,
    "bench": (*CODE_PACKAGES, "tests"),
    "tests": PACKAGES,
}

STANDARD_LIBRARY_ONLY = ("model",)

IMPURE = ("asyncio", "socket", "time", "random", "structlog")
"""Sockets, clocks, loggers and chance: what decides is given them, or their results, as arguments."""

PURE = (
    "model",
    "protocol",
    "runtime.backoff",
    "runtime.expected",
    "runtime.health",
    "runtime.http_page",
    "runtime.http_request",
    "runtime.log_lines",
    "runtime.loopback",
    "runtime.problems",
    "runtime.toml_places",
    "runtime.toml_text",
    "runtime.texts",
    *CODEC,
    "cdr.ledger",
    "cdr.records",
    "gateway.alarms",
    *(f"gateway.capture.{name}" for name in ("header", "layout", "secrets_masked", "step", "varints")),
    "gateway.doors",
    "gateway.journal",
    "gateway.licence",
    "gateway.links.asterisk",
    "gateway.links.played",
    *(
        f"gateway.links.csta_xml.{name}"
        for name in ("device_list", "keep_alive", "monitoring", "normalise", "outstanding", "questions", "services")
    ),
    "gateway.portcfg",
    "gateway.readiness",
    "gateway.roster",
    "gateway.seats",
    *(f"simulator.{name}" for name in ("account", "calls", "devices", "monitors", "services", "snapshots", "switch")),
)
"""Modules and packages; a name that does not exist (yet) binds nobody. `portcfg` also stands for `portcfg_*`."""

NOT_PURE = (
    "protocol.client",
    "protocol.server",
    "gateway.links.asterisk.link",
    "gateway.links.asterisk.connection",
)
"""Thin transports around a sans-I/O core."""


def forbidden_imports(modules: Iterable[Module]) -> list[str]:
    """Imports of our own packages that the table does not allow."""
    return [
        f"{module.path}:{line}: {module.package} must not import {name}"
        for module in modules
        for line, name in imports(module)
        if within(name, PACKAGES)
        and not within(name, (module.package, *MAY_IMPORT[module.package]))
        and not _is_on_the_way(name, MAY_IMPORT[module.package])
    ]


def foreign_imports(modules: Iterable[Module]) -> list[str]:
    """Imports of other people's packages by those who live on the standard library."""
    return [
        f"{module.path}:{line}: {module.package} lives on the standard library, not on {name}"
        for module in modules
        if module.package in STANDARD_LIBRARY_ONLY
        for line, name in imports(module)
        if name.partition(".")[0] not in sys.stdlib_module_names and not within(name, PACKAGES)
    ]


def impure_imports(modules: Iterable[Module]) -> list[str]:
    """Pure modules that reach an impure one, themselves or by way of one of ours."""
    held = tuple(modules)
    return [
        f"{module.path}: pure, yet imports {' → '.join(way)}"
        for module in held
        if is_pure(module.name)
        for name, way in closure(module, held).items()
        if name in IMPURE
    ]


def hidden_model(modules: Iterable[Module]) -> list[str]:
    """Ways by which the simulator, our other opinion, would come to share the call model."""
    held = tuple(modules)
    return [
        f"{module.path}: reaches the model: {' → '.join(way)}"
        for module in held
        if module.package == "simulator"
        for name, way in closure(module, held).items()
        if name == "model"
    ]


def is_pure(name: str) -> bool:
    """Whether a module is on the list of the pure."""
    return (within(name, PURE) or name.startswith("gateway.portcfg_")) and not within(name, NOT_PURE)


def _is_on_the_way(name: str, allowed: Iterable[str]) -> bool:
    """`from gateway.links.csta_xml import codec` names the package too; the package alone is empty."""
    return any(each.startswith(f"{name}.") for each in allowed)


def test_nobody_imports_what_the_table_does_not_allow() -> None:
    none_of(forbidden_imports(code_modules()))


def test_the_model_lives_on_the_standard_library() -> None:
    none_of(foreign_imports(code_modules()))


def test_what_decides_is_pure() -> None:
    none_of(impure_imports(code_modules()))


def test_the_simulator_does_not_share_the_model_even_by_way_of_others() -> None:
    none_of(hidden_model(code_modules()))


def test_the_pure_modules_are_there() -> None:
    names = [module.name for module in code_modules()]
    assert sum(map(is_pure, names)) > len(names) / 4, "the list of the pure has lost touch with the tree"


def test_every_package_has_its_row() -> None:
    assert set(MAY_IMPORT) == set(PACKAGES)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("model/call.py", "import runtime.clock"),
        ("model/call.py", "from protocol import frame"),
        ("protocol/server.py", "import runtime"),
        ("runtime/tasks.py", "from model.calls import Call"),
        ("cdr/ledger.py", "def late():\n    from gateway import publisher"),
        ("gateway/app.py", "from ultra import demo"),
        ("gateway/links/base.py", "from ...cti import acd"),
        ("simulator/pbx.py", "from model import calls"),
        ("simulator/pbx.py", "from gateway.links.csta_xml import link"),
        ("simulator/pbx.py", "import gateway.publisher"),
        ("softphone/client.py", "import runtime.tasks"),
    ],
)
def test_a_forbidden_import_is_found(path: str, source: str) -> None:
    assert forbidden_imports([parsed(path, source)])


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("gateway/app.py", "from model import calls\nimport runtime.tasks, protocol.server"),
        ("simulator/pbx.py", "from gateway.links.csta_xml import codec\nimport runtime.tasks"),
        ("gateway/links/base.py", "from ..links import asterisk"),
        ("model/__init__.py", "from .calls import Call"),
    ],
)
def test_an_allowed_import_is_not(path: str, source: str) -> None:
    assert forbidden_imports([parsed(path, source)]) == []


def test_a_foreign_package_in_the_model_is_found() -> None:
    assert foreign_imports([parsed("model/call.py", "import enum\nimport attrs")]) == [
        "model/call.py:2: model lives on the standard library, not on attrs"
    ]


def test_impurity_is_found_through_other_modules() -> None:
    sample = [
        parsed("model/call.py", "from model import stamps"),
        parsed("model/stamps.py", "from time import time_ns"),
        parsed("protocol/server.py", "import asyncio"),
    ]
    assert impure_imports(sample) == [
        "model/call.py: pure, yet imports model.call → model.stamps → time",
        "model/stamps.py: pure, yet imports model.stamps → time",
    ]


def test_a_hidden_way_to_the_model_is_found() -> None:
    sample = [
        parsed("simulator/pbx.py", "from gateway.links.csta_xml import codec"),
        parsed("gateway/links/csta_xml/codec.py", "import model.events"),
        parsed("model/events.py", ""),
    ]
    assert hidden_model(sample) == [
        "simulator/pbx.py: reaches the model: simulator.pbx → gateway.links.csta_xml.codec → model"
    ]
