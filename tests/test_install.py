"""What is installed: a lock that fits pyproject, and extras that refuse with the command that installs them."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lbc_themes.core.errors import MissingExtraError

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements" / "locked.txt").read_text(encoding="utf-8")


def names_of(requirements: Iterator[str]) -> set[str]:
    found = {re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in requirements}
    return found - {"lbc-themes", "torch"}


def test_every_requirement_is_in_the_lock_with_checksums() -> None:
    extras = [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    locked = names_of(line for line in LOCK.splitlines() if line[:1].isalnum())
    assert names_of(iter([*PROJECT["dependencies"], *extras])) <= locked
    releases = re.findall(r"^[a-z0-9][^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", LOCK, re.MULTILINE)
    assert len(releases) == len([line for line in LOCK.splitlines() if line[:1].isalnum()])


def test_the_lock_names_no_index_and_no_torch() -> None:
    assert "http" not in re.sub(r"httpx?|httptools|httpcore", "", LOCK)
    assert not re.search(r"^(torch|nvidia|cuda|triton)", LOCK, re.MULTILINE)


def test_the_lock_keeps_to_what_pyproject_allows() -> None:
    from packaging.requirements import Requirement

    locked: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9][\w.-]*)==([^ ;]+)", LOCK, re.MULTILINE):
        locked.setdefault(name, []).append(version)
    for line in PROJECT["dependencies"]:
        wanted = Requirement(line)
        assert all(wanted.specifier.contains(version) for version in locked[wanted.name.lower().replace("_", "-")])


def test_all_holds_every_extra_but_the_tools_for_testing() -> None:
    (everything,) = PROJECT["optional-dependencies"]["all"]
    extras = set(re.findall(r"[\w-]+", everything.split("[")[1]))
    assert extras == set(PROJECT["optional-dependencies"]) - {"all", "dev"}


@pytest.mark.slow
def test_the_command_line_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "lbc_themes", "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "deidentify" in done.stdout


TEXTS = [
    f"{who}{does}" for who in ("妈妈", "爸爸", "奶奶", "老师") for does in ("在外地打工", "陪我写作业", "过年回家")
]


@pytest.mark.parametrize(("package", "extra"), [("plotly", "plots"), ("spacy", "spacy"), ("hdbscan", "density")])
def test_a_missing_extra_is_refused_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, package: str, extra: str
) -> None:
    from lbc_themes.core.study_log import Contents
    from lbc_themes.exchange import to_docbin
    from lbc_themes.themes import ThemeModel
    from lbc_themes.themes.plots import heatmap

    for module in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    contents = Contents(name="s", transcripts=(), codebooks=())
    with pytest.raises(MissingExtraError, match=rf"pip install 'lbc_themes\[{extra}\]'$"):
        if package == "plotly":
            heatmap([[1.0]], ["a"], ["b"], hover="", percent=False)
        elif package == "hdbscan":
            ThemeModel(clusterer="hdbscan.v1").fit(TEXTS, vectors=np.eye(len(TEXTS)))
        else:
            to_docbin(contents)
