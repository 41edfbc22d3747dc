"""Who may import whom, read from the source; the table is the one in README.md's section on architecture."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

VALUES = "values"  # errors, plates, normalize, events, purpose: plain values that everybody may know
COMPOSITION = "composition"  # scan, sources and the package itself: where the rooms meet

#: Room → the rooms that it may import, beside its own modules.
TABLE: dict[str, set[str]] = {
    VALUES: set(),
    "models": {VALUES},
    "recognition": {VALUES, "models"},
    "records": {VALUES},
    "hotlist": {VALUES, "records"},
    "live": {VALUES, "recognition"},
    "training": {VALUES, "recognition", "models"},
    "investigation": {VALUES, "records", "hotlist", "recognition", "models"},
    COMPOSITION: {VALUES, "recognition", "records", "hotlist", "live", "investigation"},
}

VALUE_MODULES = {"lpr.errors", "lpr.plates", "lpr.normalize", "lpr.events", "lpr.places", "lpr.purpose"}
HEAVY_HOMES = {
    "torch": ("lpr/recognition/", "lpr/training/", "lpr/models/plate_reader.py"),
    "ultralytics": ("lpr/recognition/detector_yolo.py", "lpr/training/"),
    "easyocr": ("lpr/recognition/reader_easyocr.py", "lpr/training/"),
    "openvino": ("lpr/recognition/network.py",),
    "onnxruntime": ("lpr/recognition/network.py",),
    "sqlite_utils": ("lpr/records/schema.py",),
    "prometheus_client": ("lpr/live/metrics.py",),
    "click": ("cli/",),
    "rich": ("cli/",),
}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    """The room that a module of lpr belongs to."""
    if module in VALUE_MODULES:
        return VALUES
    second = module.split(".")[1] if "." in module else ""
    return second if second in TABLE else COMPOSITION


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of each import, those inside functions and for type checkers too."""
    package = module_name(path).split(".")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = ""
            if node.level:
                above = package if path.name == "__init__.py" else package[:-1]
                start = ".".join(above[: len(above) - node.level + 1])
            source = ".".join(part for part in (start, node.module) if part)
            for name in node.names:
                # "from lpr import errors" names a module, "from lpr.errors import LprError" does not.
                deeper = f"{source}.{name.name}"
                file = ROOT / (deeper.replace(".", "/") + ".py")
                yield node.lineno, deeper if file.exists() or file.with_suffix("").is_dir() else source


@pytest.mark.parametrize("path", modules("lpr"), ids=module_name)
def test_a_room_imports_only_what_the_table_allows(path: Path) -> None:
    name = module_name(path)
    own = room(name)
    allowed = TABLE[own] | {own}
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {own} imports {other} ({room(other)})"
        for line, other in imports(path)
        if other.split(".")[0] == "lpr" and other != "lpr" and room(other) not in allowed
    ]
    assert wrong == []


def test_hot_lists_know_of_the_records_only_the_schema_numbers_and_the_audit_trail() -> None:
    known = {other for path in modules("lpr/hotlist") for _, other in imports(path) if other.startswith("lpr.records")}
    assert known == {"lpr.records.schema", "lpr.records.numbering", "lpr.records.audit"}


@pytest.mark.parametrize("path", modules("lpr"), ids=module_name)
def test_the_library_never_imports_the_command(path: Path) -> None:
    assert [other for _, other in imports(path) if other.split(".")[0] == "cli" or other.startswith("lpr.cli")] == []


@pytest.mark.parametrize("path", modules("cli"), ids=module_name)
def test_the_command_names_itself_relatively(path: Path) -> None:
    # The same files are "cli" in a checkout and "lpr.cli" when installed: an absolute name would load them twice.
    allowed = {"cli.main"} if path.name == "__main__.py" else set()
    absolute = [
        node.module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "cli"
    ]
    assert {name for name in absolute if name} <= allowed
    assert [other for _, other in imports(path) if other.startswith("lpr.cli")] == []


@pytest.mark.parametrize("path", modules("lpr") + modules("cli"), ids=module_name)
def test_each_foreign_library_has_its_homes(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    wrong = [
        f"{place}:{line} imports {other}"
        for line, other in imports(path)
        if other.split(".")[0] in HEAVY_HOMES and not place.startswith(HEAVY_HOMES[other.split(".")[0]])
    ]
    assert wrong == []


@pytest.mark.parametrize("path", modules("lpr"), ids=module_name)
def test_the_library_neither_prints_nor_exits_nor_sets_up_logging(path: Path) -> None:
    calls = [
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]
    forbidden = {"print", "exit", "quit", "sys.exit", "os._exit", "logging.basicConfig", "input"}
    assert [call for call in calls if call in forbidden] == []


def test_the_table_names_every_room_there_is() -> None:
    folders = {path.name for path in (ROOT / "lpr").iterdir() if (path / "__init__.py").exists()}
    assert folders == set(TABLE) - {VALUES, COMPOSITION}
