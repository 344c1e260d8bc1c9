"""The core without any extra: the main job is done with nothing else to import, pandas neither."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def brought_by(requirements: Iterable[str]) -> set[str]:
    """The distributions that requirements install here, theirs included."""
    names: set[str] = set()
    todo = [(Requirement(line), "") for line in requirements]
    while todo:
        wanted, extra = todo.pop()
        name = canonicalize_name(wanted.name)
        if name in names or (wanted.marker and not wanted.marker.evaluate({"extra": extra})):
            continue
        names.add(name)
        for part in ("", *wanted.extras):
            todo += [(Requirement(line), part) for line in metadata.requires(name) or []]
    return names


def importable(requirements: Iterable[str]) -> set[str]:
    """The packages to import that requirements bring."""
    distributions = brought_by(requirements)
    return {
        package
        for package, owners in metadata.packages_distributions().items()
        if distributions & {canonicalize_name(owner) for owner in owners}
    }


ALONE = """
import sys
from importlib.machinery import PathFinder

class Installed(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {missing!r} else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Installed
"""

JOB = """
import csv, os, sys
from pathlib import Path

import lbc_themes as lbc
from lbc_themes.cli import main

def command(*words):
    sys.argv = ["lbc-themes", *map(str, words)]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, words

command("run", "interviews", "--codebook", "four.yaml", "--out", "results")
command("study", "new", "new.lbc", "interviews", "--codebook", "four.yaml")
command("study", "suggest", "new.lbc")
command("study", "themes", "new.lbc")
command("agreement", "coded.lbc", "--out", "agreement.csv", "--draws", "0")
command("agreement", "coded.lbc", "--out", "agreement.docx", "--draws", "0")
for kind, name in (("codings.csv", "codings.csv"), ("xlsx", "s.xlsx"), ("docx", "s.docx"), ("qdpx", "s.qdpx")):
    command("study", "export", "coded.lbc", name, "--to", kind)

passages = lbc.segment(lbc.read_transcripts("interviews"))
suggester = lbc.CodeSuggester(lbc.load_codebook("four.yaml"))
print(sum(bool(suggestion.codes) for suggestion in suggester.suggest(passages)))
themes = lbc.ThemeModel(random_state=0).fit(passages)
assert themes.to_records() and themes.themes_
try:
    themes.to_frame()
except lbc.MissingExtraError as refused:
    assert str(refused).endswith("needs the package pandas: pip install 'lbc_themes[frames]'"), refused
else:
    raise AssertionError("a frame without pandas")
"""

PAGE = """
import sys
sys.path.insert(0, {tests!r})
from review_pages import opened
from lbc_themes.study import Study

with Study.open("coded.lbc") as study, opened(study) as coder:
    coder.decide(study.passages[1].id, only=next(iter(study.codebook)).id)
    for place in ("/code", "/dashboard", "/matrices", "/export-matrix?format=csv", "/codebook", "/dashboard/agreement"):
        answer = coder.get(place)
        print(place, answer.status_code)
"""


@pytest.fixture
def folder(tmp_path: Path, interviews: Path, four_codes_file: Path, coded_file: Path) -> Path:
    """A folder with interviews, a codebook and a study that two people have coded."""
    for path in (four_codes_file, four_codes_file.with_name("four.utterances.csv")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "coded.lbc").write_bytes(coded_file.read_bytes())
    assert interviews.parent == tmp_path
    return tmp_path


def run_with(requirements: list[str], code: str, folder: Path) -> str:
    """Run ``code`` where only the library and what ``requirements`` bring can be imported; return what it printed."""
    missing = set(metadata.packages_distributions()) - importable(requirements) - {"lbc_themes"}
    assert {"pandas", "torch", "plotly", "spacy", "bertopic", "hdbscan"} <= missing
    done = subprocess.run(
        [sys.executable, "-c", ALONE.format(missing=missing) + code],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_the_main_job_needs_the_core_alone(folder: Path) -> None:
    said = run_with(PROJECT["dependencies"], JOB, folder)
    assert int(said.splitlines()[-1]) > 0
    assert (folder / "results" / "report.html").stat().st_size > 10_000
    assert (folder / "agreement.csv").read_text(encoding="utf-8-sig").startswith("kind,coders,")


@pytest.mark.slow
def test_the_page_needs_the_core_and_its_own_extra(folder: Path) -> None:
    client = [line for line in PROJECT["optional-dependencies"]["dev"] if re.match("httpx", line)]
    needs = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["review"], *client]
    said = run_with(needs, PAGE.format(tests=str(ROOT / "tests")), folder)
    assert [line.split()[1] for line in said.splitlines()] == ["200"] * 6
