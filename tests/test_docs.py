"""The documents say what is there: commands, settings, words of the screen, links, paths, and the API's document."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from dataask_jupyter import cli
from dataask_jupyter.app import DataAsk
from dataask_jupyter.handlers.openapi import document
from dataask_jupyter.handlers.routes import ROUTES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
GUIDE = sorted((DOCS / "user-guide").glob("*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
FRONT_END = ROOT / "labextension"

# Where a path in backticks may begin, seen from the repository or from the package and the front end's sources.
ROOTS = (ROOT, ROOT / "dataask_jupyter", FRONT_END, FRONT_END / "src")
MADE_ANYWHERE = {"jupyter_server_config.py", "openapi.json", "notebook.ipynb"}

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"\w[\w./@-]*\.(?:py|tsx?|mjs|md|json|toml|txt|ipynb|css)")
_MAKE = re.compile(r"(?:.*&& )?(?:\w+=\S+ )*make ([a-z][a-z-]*)")
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_SCREEN_TEXT = re.compile(r"'((?:[^'\\\n]|\\.)*)'|\"((?:[^\"\\\n]|\\.)*)\"")


def name(page: Path) -> str:
    """For the test's id."""
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


@cache
def guide() -> str:
    """The whole user guide."""
    return "\n".join(page.read_text(encoding="utf-8") for page in GUIDE)


@cache
def screen() -> frozenset[str]:
    """Texts in the sources of the front end."""
    found: set[str] = set()
    files = [file for ending in ("ts", "tsx") for file in (FRONT_END / "src").rglob(f"*.{ending}")]
    for file in [*files, *(FRONT_END / "schema").glob("*.json")]:
        for single, double in _SCREEN_TEXT.findall(file.read_text(encoding="utf-8")):
            found.add(single or double)
    return frozenset(found)


@cache
def targets() -> frozenset[str]:
    """The targets of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^([a-z][a-z-]*):(?!=)", makefile, re.MULTILINE))


@cache
def anchors(page: Path) -> frozenset[str]:
    """What a link may name after the #, as GitHub makes it of headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def commands() -> dict[str, argparse.ArgumentParser]:
    """The shell's commands with their parsers."""
    (action,) = [found for found in cli._parser()._actions if isinstance(found, argparse._SubParsersAction)]
    return dict(action.choices)


# ---- Commands and settings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("sheet", PAGES, ids=name)
def test_every_make_target_that_is_named_exists(sheet: Path) -> None:
    blocks = _FENCE.findall(sheet.read_text(encoding="utf-8"))
    lines = [*_CODE.findall(prose(sheet)), *(line for block in blocks for line in block.splitlines())]
    named = {found[1] for line in lines if (found := _MAKE.match(line))}
    assert named - targets() == set()


def test_the_front_page_names_the_two_commands_and_ci_runs_the_second() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {"demo", "test"} <= targets()
    assert re.search(r"^make demo\b", readme, re.MULTILINE)
    assert re.search(r"^make test\b", readme, re.MULTILINE)
    assert re.search(r"^make test$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_and_its_options_are_in_the_guide(command: str) -> None:
    page = (DOCS / "user-guide" / "command-line.md").read_text(encoding="utf-8")
    assert f"jupyter dataask {command}" in page
    options = {option for action in commands()[command]._actions for option in action.option_strings}
    assert [option for option in sorted(options - {"-h", "--help"}) if f"`{option}" not in page] == []


def test_every_setting_is_in_the_guide() -> None:
    settings = (DOCS / "user-guide" / "settings.md").read_text(encoding="utf-8")
    traits = DataAsk.class_traits(config=True)
    assert [trait for trait in sorted(traits) if f"`DataAsk.{trait}`" not in settings] == []
    assert sorted(set(re.findall(r"\bDataAsk\.(\w+)", guide())) - set(traits)) == []


def test_the_defaults_in_the_guide_are_the_settings_defaults() -> None:
    settings = (DOCS / "user-guide" / "settings.md").read_text(encoding="utf-8")
    limits = dict(re.findall(r"^\| `DataAsk\.(\w+)` \| ([\d,]+(?: GiB)?) \|", settings, re.MULTILINE))
    numbers = {key: int(re.sub(r"\D", "", text)) * (1024**3 if "GiB" in text else 1) for key, text in limits.items()}
    traits = DataAsk.class_traits(config=True)
    assert len(numbers) >= 8
    assert numbers == {key: traits[key].default_value for key in numbers}


def test_every_environment_variable_is_in_the_guide() -> None:
    used = {
        variable
        for file in (ROOT / "dataask_jupyter").rglob("*.py")
        for variable in re.findall(r"environ(?:\.get\(|\[)\s*\"(DATAASK_\w+)\"", file.read_text(encoding="utf-8"))
    }
    assert used
    assert set(re.findall(r"DATAASK_\w+", guide())) == used


# ---- Words of the screen -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sheet", GUIDE, ids=name)
def test_words_in_bold_are_words_of_the_screen(sheet: Path) -> None:
    assert set(_BOLD.findall(prose(sheet))) - screen() == set()


# ---- Links and paths ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sheet", PAGES, ids=name)
def test_links_and_pictures_lead_somewhere(sheet: Path) -> None:
    broken = []
    for target in _LINK.findall(prose(sheet)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (sheet.parent / file).resolve() if file else sheet
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("sheet", PAGES, ids=name)
def test_files_that_are_named_exist(sheet: Path) -> None:
    missing = []
    for code in _CODE.findall(prose(sheet)):
        path, _, symbol = code.partition(": ")
        if not _PATH.fullmatch(path) or "NAME" in path or path in MADE_ANYWHERE:
            continue
        files = [root / path for root in ROOTS if (root / path).is_file()] or _below(path)
        if not files or (symbol and not any(symbol in file.read_text(encoding="utf-8") for file in files)):
            missing.append(code)
    assert missing == []


def _below(path: str) -> list[Path]:
    """A file that is named without its folder, after a neighbour that has one: `schema.tsx`."""
    if "/" in path:
        return []
    return [file for root in (ROOT / "dataask_jupyter", FRONT_END / "src") for file in root.rglob(path)]


def test_the_folders_of_the_front_page_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    folders = re.findall(r"^\| `([\w/-]+/)` \|", readme, re.MULTILINE)
    assert len(folders) > 5
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


# ---- The API's document ------------------------------------------------------------------------------------------


@cache
def committed() -> str:
    """The document as it stands in the repository."""
    return (DOCS / "openapi.json").read_text(encoding="utf-8")


def test_every_route_is_in_the_document() -> None:
    paths = json.loads(committed())["paths"]
    assert [route.path for route in ROUTES if f"/{route.path}" not in paths] == []


def test_the_document_is_what_the_handlers_generate() -> None:
    fresh = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    assert committed() == fresh, "docs/openapi.json is old: run `make openapi`."


def test_the_typescript_types_are_what_the_document_generates(tmp_path: Path) -> None:
    out = tmp_path / "generated.ts"
    command = ["node", FRONT_END / "node_modules" / "openapi-typescript" / "bin" / "cli.js", DOCS / "openapi.json"]
    done = subprocess.run([*command, "-o", out], cwd=FRONT_END, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    current = (FRONT_END / "src" / "api" / "generated.ts").read_text(encoding="utf-8")
    assert current == out.read_text(encoding="utf-8"), "labextension/src/api/generated.ts is old: run `make openapi`."
