"""The Python of the pages runs as it stands there, and is the same in both languages."""

import ast
import re
from pathlib import Path

import pytest
from conftest import INTERVIEWS
from study_samples import decision

import lbc_themes as lbc
from lbc_themes.cli import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "corpora" / "zhuzhai-demo"
FEW = ("C01.txt", "C04.txt", "C07.md", "C09.docx", "T01.txt", "T04.txt", "T09.docx")
PAGES = ("codebooks", "examples", "formats", "large-corpora", "study", "themes", "tutorial")
CLUSTER = 'client="tcp:'  # a cluster is shown, and tests have none


def blocks(page: str) -> list[tuple[int, str]]:
    """The Python of a page, each with the line on which it begins."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = re.finditer(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [(text.count("\n", 0, match.start(1)), match[1]) for match in found]


def regardless_of_language(source: str) -> str:
    """The code without its comments and without "zh" and "en" among the arguments."""
    return re.sub(r"(, )?Constant\(value='(en|zh)'\)", "", ast.dump(ast.parse(source)))


def few_interviews(folder: Path) -> None:
    """A third of the demonstration, in its place."""
    (folder / "interviews").mkdir(parents=True)
    for name in FEW:
        (folder / "interviews" / name).symlink_to(DEMO / "interviews" / name)
    (folder / "codings.csv").symlink_to(DEMO / "codings.csv")


def a_study(folder: Path) -> None:
    transcripts = lbc.read_transcripts(DEMO / "interviews" / "C01.txt")
    with lbc.Study.create(folder / "study.lbc", transcripts, lbc.load_codebook("left-behind-children")) as study:
        for number, coder in ((0, "李"), (0, "王"), (1, "李"), (1, "王")):
            study.record(decision(study, number, "changed", "stress.yearning", coder=coder))


def a_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interviews = folder / "few"
    interviews.mkdir()
    for name, text in INTERVIEWS.items():
        (interviews / name).write_text(text, encoding="utf-8")
    words = ["lbc-themes", "run", str(interviews), "--out", "build/tutorial", "--no-cache", "--quiet"]
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code


def test_every_page_with_python_is_run() -> None:
    pages = {path.name.partition(".")[0] for path in (ROOT / "docs").glob("*.md") if blocks(path.name)}
    assert pages == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_show_the_same_python(page: str) -> None:
    english = [regardless_of_language(source) for _, source in blocks(f"{page}.md")]
    assert [regardless_of_language(source) for _, source in blocks(f"{page}.zh-CN.md")] == english


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_interviews(tmp_path / "corpora" / "zhuzhai-demo")
    (tmp_path / "build").mkdir()
    monkeypatch.chdir(tmp_path)
    if page == "study":
        a_study(tmp_path)
    if page == "tutorial":
        a_run(tmp_path, monkeypatch)
    held: dict[str, object] = {}
    for line, source in blocks(f"{page}.md"):
        if CLUSTER not in source:
            exec(compile("\n" * line + source, f"{page}.md", "exec"), held)
    assert "lbc" in held
