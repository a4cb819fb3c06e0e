"""Tests mirror the code: `tests/gateway/test_portcfg.py` proves `gateway/portcfg.py`, and one can find it."""

import ast
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tests.rules.source_tree import Module, code_modules, files, none_of, parsed


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a module is proven if not in a test of its own: the test, and why there."""

    test: str
    reason: str


ELSEWHERE: dict[str, Proof] = {}
"""By module, or by folder with a slash at its end."""


def missing_tests(modules: Iterable[Module], present: Collection[str]) -> list[str]:
    """Modules with logic and without their test, but those that `ELSEWHERE` excuses."""
    return [
        f"{module.path}: {expected} is missing"
        for module in modules
        if has_logic(module) and not _is_proven_elsewhere(module) and (expected := test_of(module.path)) not in present
    ]


def has_logic(module: Module) -> bool:
    """Whether it holds a function that does something: not only declarations, constants and protocols."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_declaration(node)
        for node in ast.walk(module.tree)
    )


def test_of(path: str) -> str:
    """`gateway/links/base.py` → `tests/gateway/links/test_base.py`; a package's own code → `test_init.py`."""
    folder, _, file = path.rpartition("/")
    return f"tests/{folder}/test_{file.strip('_') if file.startswith('__') else file}".replace("__.py", ".py")


test_of.__test__ = False  # type: ignore[attr-defined]


def _is_proven_elsewhere(module: Module) -> bool:
    return any(module.path == place or (place.endswith("/") and module.path.startswith(place)) for place in ELSEWHERE)


def _is_declaration(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return all(isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) for part in node.body)


def test_every_module_with_logic_has_its_test() -> None:
    present = {str(path) for path in files()}
    none_of(missing_tests(code_modules(), present))


def test_what_is_proven_elsewhere_is_there_and_so_is_its_proof() -> None:
    present = {str(path) for path in files()}
    none_of(
        f"{place}: {proof.test}"
        for place, proof in ELSEWHERE.items()
        if proof.test not in present or not proof.reason or not any(path.startswith(place) for path in present)
    )


def test_a_missing_test_is_found() -> None:
    module = parsed("gateway/links/base.py", "def up(): return True")
    assert missing_tests([module], []) == ["gateway/links/base.py: tests/gateway/links/test_base.py is missing"]
    assert missing_tests([module], ["tests/gateway/links/test_base.py"]) == []
    assert test_of("ultra/__main__.py") == "tests/ultra/test_main.py"
    assert test_of("model/__init__.py") == "tests/model/test_init.py"


def test_declarations_need_no_test() -> None:
    source = 'class Link(Protocol):\n    def up(self) -> bool:\n        """Whether."""\n        ...\nLIMIT = 3\n'
    assert missing_tests([parsed("gateway/links/base.py", source)], []) == []
