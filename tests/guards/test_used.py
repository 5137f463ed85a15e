"""Nothing public is there that the product itself does not use: what only tests use is either missing or not needed."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.guards.test_code import CODE, ROOT, name

SOURCE = [path for path in CODE if path.is_relative_to(ROOT / "src")]
# Used by nothing in the product, each for a reason.
FOR_OTHERS = {
    "AddIndexBeside": "migrations make indexes by it",
    "Command": "Django finds the commands",
    "clock_from": "the queue seen at another time: storms and tests",
    "ensure_list": "lists kept in the database are changed by no route yet",
    "ensure_tags": "tags without a service are made by no route yet",
    "forget_system_user": "tests empty the database",
    "prospects": "every run of a version at once; the API asks page by page",
    "retire": "a value of a list is retired by no route yet",
}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def defined(tree: ast.Module) -> Iterator[Definition]:
    """Public functions and classes of a module that nothing registers by decorating them."""
    for node in tree.body:
        if not isinstance(node, Definition) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            registered = any(ast.unparse(base) == "AppConfig" for base in node.bases)
        else:
            registered = bool(node.decorator_list)
        if not registered:
            yield node


def named(tree: ast.AST) -> Iterator[str]:
    """Every name a piece of code uses, also as an attribute, an import or a word in a text that code is found by."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name.rpartition(".")[2]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
            yield node.value.rpartition(".")[2]


def unused(files: dict[str, ast.Module]) -> list[str]:
    """Where something is defined that no code uses but its own."""
    used = Counter(word for tree in files.values() for word in named(tree))
    return [
        f"{file}:{node.lineno} {node.name}"
        for file, tree in files.items()
        for node in defined(tree)
        if used[node.name] == sum(word == node.name for word in named(node)) and node.name not in FOR_OTHERS
    ]


def test_what_is_defined_is_used_by_the_product() -> None:
    assert unused({name(path): ast.parse(path.read_text()) for path in SOURCE}) == []


def test_the_guard_finds_what_only_itself_uses_and_leaves_what_is_registered() -> None:
    code = """
def again(n): return again(n - 1)
def used(): return _own()
def _own(): return used()
@app.task
def registered(): ...
class Alone: ...
"""
    assert unused({"a.py": ast.parse(code)}) == ["a.py:2 again", "a.py:7 Alone"]


def test_what_is_kept_for_others_is_still_there() -> None:
    there = {node.name for path in SOURCE for node in defined(ast.parse(Path(path).read_text()))}
    assert FOR_OTHERS.keys() - there == set()
