"""Imports go one way: sofratel → callcenter → interventions → accounts → privacy."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("privacy", "accounts", "interventions", "callcenter", "sofratel")  # from the ground up


def imported_modules(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def upward_imports(app: str, source: str) -> list[str]:
    above = FLOORS[FLOORS.index(app) + 1 :]
    return [module for module in imported_modules(source) if module.split(".")[0] in above]


@pytest.mark.parametrize("app", FLOORS)
def test_an_app_imports_only_what_is_below_it(app):
    files = list((ROOT / app).rglob("*.py"))
    assert files
    found = {str(file.relative_to(ROOT)): upward_imports(app, file.read_text()) for file in files}
    assert {file: modules for file, modules in found.items() if modules} == {}


@pytest.mark.parametrize(
    ("app", "source", "expected"),
    [
        ("privacy", "from accounts.models import Person", ["accounts.models"]),
        ("privacy", "import accounts", ["accounts"]),
        ("accounts", "def late():\n    from callcenter import calls", ["callcenter"]),
        ("interventions", "import sofratel.settings as s", ["sofratel.settings"]),
        ("callcenter", "from interventions.models import Intervention\nimport privacy.policy", []),
        ("accounts", "from accounts.models import Person\nfrom . import models", []),
        ("privacy", "import accountstools", []),
    ],
)
def test_the_rule_catches_an_upward_import_and_only_that(app, source, expected):
    assert upward_imports(app, source) == expected
