"""The project's files as the rule tests see them: each module parsed once, each text file read once.

A rule is a function from files to breaches (lines of text), so that it can be shown a bad sample as well as the tree.
"""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CODE_PACKAGES = (
    "model",
    "protocol",
    "runtime",
    "gateway",
    "cti",
    "cdr",
    "monitor",
    "ivr",
    "recording",
    "mci",
    "softphone",
    "simulator",
    "ultra",
    "bench",
)
PACKAGES = (*CODE_PACKAGES, "tests")


@dataclass(frozen=True, eq=False)
class Module:
    """One Python file. `name` is dotted, `is_package` true for an `__init__.py`."""

    path: str
    name: str
    is_package: bool
    source: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """The top-level folder."""
        return self.name.partition(".")[0]

    @property
    def lines(self) -> int:
        return self.source.count("\n")


def parsed(path: str, source: str) -> Module:
    """A module at `path`, relative to the root; also how a self-test makes a bad sample."""
    parts = list(Path(path).with_suffix("").parts)
    is_package = parts[-1] == "__init__"
    if is_package:
        parts.pop()
    return Module(path, ".".join(parts), is_package, source, ast.parse(source))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of every package, tests included."""
    return tuple(
        parsed(str(path), (ROOT / path).read_text(encoding="utf-8"))
        for path in files()
        if path.suffix == ".py" and path.parts[0] in PACKAGES
    )


def code_modules() -> Iterator[Module]:
    """Every module but the tests."""
    return (module for module in modules() if module.package != "tests")


@cache
def files() -> tuple[Path, ...]:
    """Every file that is, or would be, in the repository, relative to the root."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive: all that setup and tests do not make
        listed = b"\0".join(
            bytes(path.relative_to(ROOT)) for path in ROOT.rglob("*") if not _is_made(path.relative_to(ROOT))
        )
    paths = (Path(name.decode()) for name in listed.split(b"\0") if name)
    return tuple(sorted(path for path in paths if (ROOT / path).is_file()))


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Path and content of every file that is text in UTF-8."""
    held = []
    for path in files():
        try:
            held.append((str(path), (ROOT / path).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return tuple(held)


def none_of(breaches: Iterable[str]) -> None:
    """Fail with every breach on a line of its own."""
    listed = list(breaches)
    assert not listed, "\n" + "\n".join(listed)


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of all that a module imports, wherever in it; `from a import b` gives `a` and `a.b`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(module, node)
            yield node.lineno, base
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def closure(start: Module, held: Iterable[Module]) -> dict[str, tuple[str, ...]]:
    """Everything that comes along when `start` is imported, by dotted name, with the way there. Packages on the way
    count, since importing `a.b` runs `a`."""
    by_name = {module.name: module for module in held}
    ways: dict[str, tuple[str, ...]] = {start.name: (start.name,)}
    waiting = [start]
    while waiting:
        module = waiting.pop()
        for _, name in imports(module):
            parts = name.split(".")
            for length in range(1, len(parts) + 1):
                part = ".".join(parts[:length])
                if part not in ways:
                    ways[part] = (*ways[module.name], part)
                    if part in by_name:
                        waiting.append(by_name[part])
    return ways


def within(name: str, roots: Iterable[str]) -> bool:
    """Whether a dotted name is one of `roots` or lies inside one."""
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def _is_made(path: Path) -> bool:
    """Whether setup, tools or a running suite put it there."""
    made = ("__pycache__", "var", "build")
    return any(
        part in made or part.endswith(".egg-info") or (part.startswith(".") and part not in (".ci", ".gitignore"))
        for part in path.parts
    )


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if node.level == 0:
        return node.module or ""
    parts = module.name.split(".")
    keep = len(parts) - node.level + module.is_package
    return ".".join([*parts[:keep], *([node.module] if node.module else [])])
