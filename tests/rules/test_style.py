"""How the code reads, as far as a machine can tell: sizes, names, what must not be written."""

import ast
import builtins
import re
import sys
from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.rules.source_tree import Module, modules, none_of, parsed, texts

MODULE_LINES_MAX = 600
"""Past it, it is two modules. About 150 is usual, 300 is a lot."""

FUNCTION_LINES_MAX = 80
"""A screen."""

TASKS_HOME = "runtime/tasks.py"
WAITING_HOME = "tests/waiting.py"

EMPTY_NAMES = frozenset(("data", "info", "manager", "handler", "helper", "helpers", "utils", "util", "misc", "common"))
"""Words that name nothing; the field has better ones."""

STANDARD_S_NAMES = "gateway/links/csta_xml/messages/"
"""ECMA-269 calls its types SnapshotCallData, AgentInfoItem: what mirrors the standard keeps its names."""

_MACHINE_FOLDERS = "|".join(("work", "root", "farm"))
_REGISTRIES = "|".join(("py" + r"pi\.org", "python" + "hosted", "deb" + r"\.debian", "npm" + r"js\."))
UNPUBLISHED = re.compile(rf"{_REGISTRIES}|(?<![\w.$}}~])/({_MACHINE_FOLDERS})/")
"""Hosts of package registries, and paths that exist on one machine only."""

UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")

LOG_METHODS = frozenset(("debug", "info", "warning", "error", "exception"))
EVENT = re.compile(r"[a-z]+(_[a-z0-9]+)*")

Rule = Callable[[Module], Iterator[tuple[int, str]]]


def no_docstring(module: Module) -> Iterator[tuple[int, str]]:
    """The first lines say why a module exists and what it must not do; an empty one needs none."""
    if module.tree.body and not ast.get_docstring(module.tree):
        yield 1, "does not say why it exists"


def too_long(module: Module) -> Iterator[tuple[int, str]]:
    """Modules and functions keep their size."""
    if module.lines > MODULE_LINES_MAX:
        yield module.lines, f"{module.lines} lines are two modules"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield node.lineno, f"{node.name} has {lines} lines: more than a screen"


def ownerless_task(module: Module) -> Iterator[tuple[int, str]]:
    """Tasks are started in runtime/tasks.py alone."""
    if module.path == TASKS_HOME or module.package == "tests":
        return
    for call in _calls(module):
        if _last_name(call.func) in ("create_task", "ensure_future", "run_coroutine_threadsafe"):
            yield call.lineno, f"a task without an owner: spawn of {TASKS_HOME} starts it"


def swallowed_error(module: Module) -> Iterator[tuple[int, str]]:
    """An error is handled, counted or raised; a narrow contextlib.suppress says which one does not matter."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            if all(isinstance(part, ast.Pass) or _is_ellipsis(part) for part in node.body):
                yield node.lineno, "an error is swallowed"
            if node.type is None:
                yield node.lineno, "catches everything, and does not say so"
        if isinstance(node, ast.Call) and _last_name(node.func) == "suppress":
            for argument in node.args:
                if _last_name(argument) in ("Exception", "BaseException"):
                    yield node.lineno, "every error is swallowed"


def unfinished(module: Module) -> Iterator[tuple[int, str]]:
    """What is not done is in an issue, not in the code."""
    for number, line in enumerate(module.source.splitlines(), 1):
        if UNFINISHED.search(line):
            yield number, "unfinished"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and node.id == "NotImplemented" + "Error":
            yield node.lineno, "unfinished"


def sleeping_test(module: Module) -> Iterator[tuple[int, str]]:
    """A test waits for a condition (`tests.waiting`), never for a time; sleep(0) only yields."""
    if module.package != "tests" or module.path == WAITING_HOME:
        return
    for call in _calls(module):
        if _last_name(call.func) == "sleep" and not _is_zero(call.args):
            yield call.lineno, "a sleep in a test: wait for the condition instead"


def mock(module: Module) -> Iterator[tuple[int, str]]:
    """No mock of anything that we could run."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            if any("mock" in name.lower().split(".") for name in names):
                yield node.lineno, "a mock: run the real thing"
        if isinstance(node, ast.Attribute) and node.attr == "setattr" and _last_name(node.value) == "monkeypatch":
            yield node.lineno, "a mock: run the real thing"


def empty_name(module: Module) -> Iterator[tuple[int, str]]:
    """Modules and classes carry names from the field."""
    if module.path.startswith(STANDARD_S_NAMES):
        return
    for word in _words(module.name.rpartition(".")[2]):
        if word in EMPTY_NAMES:
            yield 1, f"'{word}' names nothing"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and (found := EMPTY_NAMES.intersection(_words(node.name))):
            yield node.lineno, f"'{min(found)}' in {node.name} names nothing"


def borrowed_name(module: Module) -> Iterator[tuple[int, str]]:
    """No module is called as one of the standard library, no exception as a builtin one."""
    name = module.name.rpartition(".")[2]
    if name in sys.stdlib_module_names and not name.startswith("__"):
        yield 1, f"the standard library has a module {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and isinstance(getattr(builtins, node.name, None), type):
            yield node.lineno, f"Python has a {node.name}"


def log_event(module: Module) -> Iterator[tuple[int, str]]:
    """Log events are names, snake_case and English, that scripts can look for; what varies stands in keys."""
    for call in _calls(module):
        if isinstance(call.func, ast.Attribute) and call.func.attr in LOG_METHODS and _is_log(call.func.value):
            event = call.args[0] if call.args else None
            if isinstance(event, ast.Constant) and isinstance(event.value, str) and not EVENT.fullmatch(event.value):
                yield call.lineno, f"no event name: {event.value!r}"
            elif isinstance(event, ast.JoinedStr | ast.BinOp):
                yield call.lineno, "an event name that varies"


RULES: tuple[Rule, ...] = (
    no_docstring,
    too_long,
    ownerless_task,
    swallowed_error,
    unfinished,
    sleeping_test,
    mock,
    empty_name,
    borrowed_name,
    log_event,
)


def breaches(rule: Rule, held: Iterable[Module]) -> list[str]:
    """All that a rule finds, as `path:line: what`."""
    return [f"{module.path}:{line}: {what}" for module in held for line, what in rule(module)]


def unpublished(held: Iterable[tuple[str, str]]) -> list[str]:
    """Text that means something on one machine only."""
    return [
        f"{path}:{number}: names a registry host or a path of one machine: {found.group()}"
        for path, text in held
        for number, line in enumerate(text.splitlines(), 1)
        if (found := UNPUBLISHED.search(line))
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps_the_rule(rule: Rule) -> None:
    none_of(breaches(rule, modules()))


def test_nothing_names_a_registry_or_one_machine_s_paths() -> None:
    none_of(unpublished(texts()))


TASK = "create" + "_task"
SAMPLES: list[tuple[Rule, str, str]] = [
    (no_docstring, "model/call.py", "import enum"),
    (too_long, "model/call.py", "x = 1\n" * (MODULE_LINES_MAX + 1)),
    (too_long, "model/call.py", "def long():\n" + "    x = 1\n" * FUNCTION_LINES_MAX),
    (ownerless_task, "gateway/app.py", f"asyncio.{TASK}(main())"),
    (ownerless_task, "protocol/server.py", f"group.{TASK}(main())"),
    (swallowed_error, "model/call.py", "try: f()\nexcept ValueError: pass"),
    (swallowed_error, "model/call.py", "try: f()\nexcept ValueError: ..."),
    (swallowed_error, "model/call.py", "try: f()\nexcept: raise"),
    (swallowed_error, "model/call.py", "with contextlib.suppress(Exception): f()"),
    (unfinished, "model/call.py", "# TO" + "DO later"),
    (unfinished, "model/call.py", "raise NotImplemented" + "Error"),
    (sleeping_test, "tests/test_x.py", "await asyncio.sleep(0.1)"),
    (sleeping_test, "tests/test_x.py", "time.sleep(SECONDS)"),
    (mock, "tests/test_x.py", "from unittest import mock"),
    (mock, "tests/test_x.py", "from unittest.mock import MagicMock"),
    (mock, "tests/test_x.py", "import unittest.mock"),
    (mock, "tests/test_x.py", "monkeypatch.setattr(calls, 'now', 7)"),
    (empty_name, "gateway/link_manager.py", ""),
    (empty_name, "gateway/links.py", "class EventHandler: 'x'"),
    (log_event, "gateway/app.py", "log.info('Link is up')"),
    (log_event, "gateway/app.py", "self._log.warning(f'link_lost_{name}')"),
    (borrowed_name, "gateway/queue.py", ""),
    (borrowed_name, "gateway/site.py", ""),
    (borrowed_name, "gateway/links.py", "class TimeoutError(Exception): 'x'"),
]


@pytest.mark.parametrize(("rule", "path", "source"), SAMPLES)
def test_a_breach_is_found(rule: Rule, path: str, source: str) -> None:
    assert breaches(rule, [parsed(path, source)])


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (no_docstring, "model/__init__.py", ""),
        (ownerless_task, TASKS_HOME, f"group.{TASK}(main())"),
        (swallowed_error, "model/call.py", "with contextlib.suppress(OSError): f()"),
        (sleeping_test, "tests/test_x.py", "await asyncio.sleep(0)"),
        (empty_name, "gateway/database.py", "class Information: 'x'"),
        (borrowed_name, "ultra/__main__.py", ""),
        (borrowed_name, "gateway/site_files.py", ""),
        (mock, "tests/test_x.py", "monkeypatch.setenv('HOME', '')"),
        (log_event, "gateway/app.py", "log.info('link_lost', peer=f'{host}')\nself.bar.info('Any thing')"),
    ],
)
def test_what_keeps_the_rule_is_not_found(rule: Rule, path: str, source: str) -> None:
    assert breaches(rule, [parsed(path, source)]) == []


@pytest.mark.parametrize(
    "line",
    ["https://py" + "pi.org/simple", "deb http://deb" + ".debian.org sid", "cd /wo" + "rk/main", "'/ro" + "ot/x'"],
)
def test_text_of_one_machine_is_found(line: str) -> None:
    assert unpublished([("README.md", f"first\n{line}")])


@pytest.mark.parametrize("line", ["docs/work/x", "$HOME/root/x", "the farm/work balance", "https://www.apache.org"])
def test_other_text_is_not(line: str) -> None:
    assert unpublished([("README.md", line)]) == []


def _calls(module: Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))


def _last_name(node: ast.AST) -> str:
    """`create_task` of `asyncio.create_task` and of `create_task`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_log(node: ast.expr) -> bool:
    """`log`, `self._log`, `log.bind(…)`."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and _is_log(node.func.value)
    return _last_name(node).strip("_") in ("log", "logger")


def _is_ellipsis(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_zero(arguments: list[ast.expr]) -> bool:
    return bool(arguments) and isinstance(arguments[0], ast.Constant) and arguments[0].value == 0


def _words(name: str) -> list[str]:
    """`event_handler` and `EventHandler` → event, handler."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
