"""The rooms: drawn and listed as the import contracts have them, small, and without a name that means two things."""

import ast
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRODUCT = ("bot", "cards", "dialogs")
MOST_ON_TOP = 8
MOST_IN_A_FOLDER = 16
TOPS = "bot, then cards, then dialogs; nobody looks back"
ROOMS = "the rooms of the bot"

Layers = list[set[str]]
PRIVATE = re.compile(r"(?:(.*)\.)?_(?!_)[^.]*")  # a package, and what has an underscore in it


def _contract(name: str) -> Layers:
    """From the outermost layer on; rooms beside each other are one."""
    contracts = tomllib.loads(_text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["name"] == name)
    return [set(re.split(r"\s*[|:]\s*", layer)) for layer in layers]


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _sources(*tops: str) -> dict[str, str]:
    """Every file of Python, by the path of its folders and its name."""
    files = (file for top in tops for file in (ROOT / top).rglob("*.py") if "node_modules" not in file.parts)
    return {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in files}


def test_the_drawing_has_the_rooms_and_the_order_of_the_contracts() -> None:
    (drawing,) = re.findall(r"```mermaid\n(.*?)```", _text("README.md"), re.DOTALL)
    arrows = [line.strip().split(" --> ") for line in drawing.splitlines() if "-->" in line]
    *rooms, boxes, tops = [[set(group.split(" & ")) for group in groups] for groups in arrows]
    assert [*chain(*rooms)] == _contract(ROOMS)
    assert boxes == [{box} for box in re.findall(r"subgraph (\w+) \[", drawing)]
    assert tops == _contract(TOPS)


def test_every_room_has_its_line_and_no_other_has_one() -> None:
    table = re.findall(r"^\| `([\w./]+)` \| \S", _text("CONTRIBUTING.md"), re.MULTILINE)
    listed = iter([re.sub(r"^bot/|\.py$|/$", "", room) for room in table])
    layers = [*_contract(ROOMS), *_contract(TOPS)[1:], {"tests"}]
    assert [{next(listed, "") for _ in layer} for layer in layers] == layers
    assert [*listed] == []


def test_few_files_lie_directly_in_the_bot() -> None:
    assert len([file for file in (ROOT / "bot").iterdir() if file.is_file()]) <= MOST_ON_TOP


def test_no_folder_has_more_files_of_python_than_can_be_looked_over() -> None:
    folders = Counter(file.rpartition("/")[0] for file in _sources(*PRODUCT, "tests"))
    assert {folder: files for folder, files in folders.items() if files > MOST_IN_A_FOLDER} == {}


def _imported(source: str) -> Iterator[str]:
    """The names with dots of the modules that are imported, and of what is taken out of them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _strangers(sources: Mapping[str, str]) -> list[str]:
    """Who imports a module with an underscore that is of another package."""
    modules = {re.sub(r"(/__init__)?\.py$", "", file).replace("/", ".") for file in sources}
    packages = {one[0]: one[1] for name in modules if (one := PRIVATE.match(name))}
    return [
        f"{file}: {imported}"
        for file, source in sources.items()
        for imported in _imported(source)
        for private, package in packages.items()
        if f"{imported}.".startswith(f"{private}.") and not file.startswith(f"{package}/".replace(".", "/"))
    ]


def test_a_module_with_an_underscore_is_imported_in_its_own_package_only() -> None:
    assert _strangers(_sources(*PRODUCT, "tests")) == []


def test_a_stranger_of_such_a_module_is_found_however_it_imports() -> None:
    own = {
        "bot/room/_own.py": "",
        "bot/room/near.py": "from bot.room._own import x",
        "bot/room/deep/a.py": "import bot.room._own",
    }
    others = {
        "bot/a.py": "from bot.room import _own",
        "bot/b.py": "import bot.room._own",
        "c.py": "from bot.room._own import x",
    }
    harmless = {"bot/d.py": "from bot.room import _owner, near", "bot/e.py": "import bot.room"}
    assert [one.partition(":")[0] for one in _strangers(own | others | harmless)] == [*others]


def test_no_two_classes_have_one_name() -> None:
    named: dict[str, list[str]] = defaultdict(list)
    for file, source in _sources(*PRODUCT).items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef):
                named[node.name].append(file)
    assert {name: files for name, files in named.items() if len(files) > 1} == {}
