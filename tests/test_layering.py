"""Imports go one way, and importing the library costs next to nothing."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import median

import pytest

PACKAGE = Path(__file__).parent.parent / "lbc_themes"
FILES = sorted(PACKAGE.rglob("*.py"))

LAYERS = (
    {"core"},
    {"text"},
    {"reading", "segmenting", "encoding", "codebook"},
    {"safeguards", "suggest", "themes", "agreement"},
    {"pipeline", "exchange", "integrations", "scale"},
    {"study"},
    {"report", "review", "notebook"},
    {"home"},
    {"cli"},
)
BESIDE = {
    # A converted encoder is compared with its model on what the library's own codebook quotes.
    ("encoding", "codebook"): {""},
    # A codebook file is decoded, unpacked and parsed as a transcript is, and names speakers by the same words.
    ("codebook", "reading"): {"vocabulary"},
    # A theme is named and mapped by how codes are suggested for its passages.
    ("themes", "suggest"): {""},
    # A passage with words of distress is not set aside as small talk, and is the face of no ordinary theme.
    ("themes", "safeguards"): {"distress"},
}
ROOT = {"__init__", "__main__"}


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in FILES}


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules of this library that are imported anywhere in a file, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "lbc_themes")
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "lbc_themes":
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else node.module for name in inner)


def layer(part: str) -> int:
    return next(number for number, parts in enumerate(LAYERS) if part in parts)


def allowed(part: str, module: str) -> bool:
    _, other, inner, *_ = [*module.split("."), "", ""]
    return other in {"", part} or layer(other) < layer(part) or inner in BESIDE.get((part, other), ())


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_file_imports_only_from_below(path: Path) -> None:
    part = part_of(path)
    modules = list(imported(ast.parse(path.read_text(encoding="utf-8"))))
    assert [module for module in modules if part not in ROOT and not allowed(part, module)] == []


def test_every_part_has_its_place() -> None:
    assert {part_of(path) for path in FILES} - ROOT <= set().union(*LAYERS)


@pytest.mark.slow
def test_what_may_stand_beside_is_used_and_goes_one_way() -> None:
    used = {
        (part_of(path), module.split(".")[1], ".".join(module.split(".")[2:3]))
        for path in FILES
        for module in imported(ast.parse(path.read_text(encoding="utf-8")))
        if "." in module
    }
    assert {(*pair, inner) for pair, inners in BESIDE.items() for inner in inners} <= used
    assert not {pair[::-1] for pair in BESIDE} & {(part, other) for part, other, _ in used}


def at_the_top(tree: ast.Module) -> Iterator[str]:
    """What is imported when a file is, not inside functions nor for the type checker alone."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imported(ast.Module(body=[node], type_ignores=[]))


@pytest.mark.slow
def test_no_two_files_import_each_other_in_a_circle() -> None:
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
    graph = {name: set(at_the_top(tree)) - {"lbc_themes"} for name, tree in trees.items()}
    TopologicalSorter(graph).prepare()


def documentation(function: ast.FunctionDef) -> int:
    """The lines of a docstring, with what it has in examples, beyond its first."""
    first = function.body[0]
    return (first.end_lineno or 0) - first.lineno if ast.get_docstring(function) is not None else 0


@pytest.mark.slow
def test_no_function_is_long_and_most_are_short() -> None:
    functions = {
        f"{path.name}:{node.name}": (node.end_lineno or 0) - node.lineno + 1 - documentation(node)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert [name for name, length in functions.items() if length > 60] == []
    assert median(functions.values()) < 12


HEAVY = ("torch", "bertopic", "spacy", "sklearn", "scipy", "pandas", "numpy", "onnxruntime", "plotly", "starlette")


def loaded_after(code: str) -> set[str]:
    """Which of the heavy packages a fresh process has loaded after ``code``."""
    ending = f"\nimport sys; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code + ending], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(ast.literal_eval(done.stdout.splitlines()[-1]))


def imports_pandas(tree: ast.AST) -> bool:
    """Whether a file imports pandas anywhere but for the type checker alone."""
    if isinstance(tree, ast.If) and ast.unparse(tree.test) == "TYPE_CHECKING":
        return False
    if isinstance(tree, ast.Import):
        return any(alias.name.split(".")[0] == "pandas" for alias in tree.names)
    if isinstance(tree, ast.ImportFrom):
        return (tree.module or "").split(".")[0] == "pandas"
    return any(map(imports_pandas, ast.iter_child_nodes(tree)))


@pytest.mark.slow
def test_pandas_is_imported_where_frames_are_made_and_by_the_extras_that_bring_it() -> None:
    importers = {
        path.relative_to(PACKAGE).as_posix()
        for path in FILES
        if imports_pandas(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert {name for name in importers if not name.startswith("scale/")} == {"core/frames.py", "themes/bertopic.py"}


def test_importing_the_library_loads_nothing_heavy() -> None:
    assert loaded_after("import lbc_themes; dir(lbc_themes)") == set()


def test_the_command_line_says_its_help_without_loading_anything_heavy() -> None:
    assert loaded_after("import lbc_themes.cli") == set()


@pytest.mark.slow
def test_importing_the_library_takes_less_than_three_tenths_of_a_second() -> None:
    def seconds() -> float:
        """Of the processor, not of the clock: what else the machine does is no fault of the import."""
        code = "import time; begun = time.process_time(); import lbc_themes; print(time.process_time() - begun)"
        return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)

    assert min(seconds() for _ in range(5)) < 0.3


@pytest.mark.slow
def test_finding_themes_does_not_load_privacy() -> None:
    code = "import sys, lbc_themes; lbc_themes.ThemeModel; print([m for m in sys.modules if 'safeguards' in m])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    import lbc_themes

    assert lbc_themes.__all__
    assert all(getattr(lbc_themes, name) is not None for name in lbc_themes.__all__)


RUN = """
from pathlib import Path
from lbc_themes.report import write_outputs
from lbc_themes.pipeline import RunOptions, run
write_outputs(run(RunOptions(source=Path({source!r}), codebook={codebook!r}, out=Path({out!r}))))
"""


@pytest.mark.slow
def test_a_run_with_its_defaults_loads_neither_torch_nor_bertopic(
    interviews: Path, four_codes_file: Path, tmp_path: Path
) -> None:
    code = RUN.format(source=str(interviews), codebook=str(four_codes_file), out=str(tmp_path / "out"))
    loaded = loaded_after(code)
    assert "onnxruntime" in loaded
    assert not loaded & {"torch", "bertopic", "plotly"}
