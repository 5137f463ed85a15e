"""Rules about the whole code base that no linter holds."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(
    path
    for folder in ("src", "tests", "scripts")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
TEXT = [
    *CODE,
    *(
        path
        for pattern in ("docs/**/*.md", "*.md", "*.toml", "*.in", "*.txt", "*.yaml", "*.yml")
        for path in ROOT.glob(pattern)
    ),
    *(path for suffix in ("yaml", "html", "css") for path in (ROOT / "src").rglob(f"*.{suffix}")),
    ROOT / "Makefile",
    ROOT / ".ci" / "run",
]
LONGEST_FILE = 400
LONGEST_TEST_FILE = 500
LONGEST_FUNCTION = 60
# Never in the product: a path of somebody's machine, a package index, work left for later.
NEVER = re.compile(
    r"/(?:home|root|work|Users)/\w|"
    + "|".join(
        ["pypi" + r"\.org", "python" + "hosted", "npmjs" + r"\.", r"# ?TO" + r"DO\b", r"\bTO" + "DO:", r"\bFIX" + "ME"]
    )
)
HTTP_CLIENTS = {"http.client", "urllib.request", "httpx", "requests", "aiohttp"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_file_is_short_enough_to_read_at_once() -> None:
    long = [
        f"{name(path)}: {lines} lines"
        for path in CODE
        if (lines := len(path.read_text().splitlines()))
        > (LONGEST_TEST_FILE if path.is_relative_to(ROOT / "tests") else LONGEST_FILE)
    ]
    assert long == []


def test_a_function_fits_on_a_screen() -> None:
    long = [
        f"{name(path)}:{function.lineno} {function.name}"
        for path in CODE
        for function in functions(ast.parse(path.read_text()))
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_nothing_names_a_machine_an_index_or_work_left_for_later() -> None:
    found = [
        f"{name(path)}:{number} {match[0]}"
        for path in TEXT
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (match := NEVER.search(line))
    ]
    assert found == []


def test_only_connectors_and_tests_call_other_systems() -> None:
    calls = [
        f"{name(path)}: {module}"
        for path in CODE
        if path.is_relative_to(ROOT / "src") and not {"connectors", "sandbox"} & set(path.parts)
        for module in imports(ast.parse(path.read_text()))
        if module in HTTP_CLIENTS
    ]
    assert calls == []


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
