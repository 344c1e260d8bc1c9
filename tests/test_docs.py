import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lbc_themes.cli.app import app
from lbc_themes.codebook import check_codebook, load_codebook
from lbc_themes.reading import FORMS, read_transcripts

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "corpora").glob("*/*.md")])
FORMATS = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
CODEBOOKS = ("codebooks.md", "codebooks.zh-CN.md")
SAMPLE = re.compile(
    r"^### `(?P<form>[\w-]+)`[^\n]*\n(?:(?!^###).)*?^````\w+ (?P<name>\S+)\n(?P<text>.*?)^````\n\n"
    r"```text read\n(?P<read>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
SAMPLES = [pytest.param(*match.groups(), id=match["name"]) for match in SAMPLE.finditer(FORMATS)]


def shown(path: Path) -> tuple[str, list[str]]:
    [transcript] = read_transcripts(path)
    return transcript.form, [
        " | ".join(
            (turn.role, turn.speaker, "" if turn.time is None else f"{turn.time:g} s", said.replace("\n", " ⏎ "))
        )
        for turn in transcript.turns
        for said in [transcript.said(turn)]
    ]


@pytest.mark.parametrize(("form", "name", "text", "read"), SAMPLES)
def test_a_sample_of_a_transcript_form_is_read_as_the_page_says(form, name, text, read, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert shown(tmp_path / name) == (form, read.splitlines())


def test_the_page_on_forms_shows_every_form():
    headed = re.findall(r"^### `([\w-]+)`", FORMATS, re.MULTILINE)
    assert sorted(headed) == sorted(FORMS)
    assert {match["form"] for match in SAMPLE.finditer(FORMATS)} == set(FORMS) - {"word-table"}


def test_the_tables_beside_transcripts_set_roles_as_the_page_says(tmp_path):
    text = next(match["text"] for match in SAMPLE.finditer(FORMATS) if match["name"] == "iflytek.txt")
    for language, name in (("csv", "participants.csv"), ("toml", "study.toml")):
        folder = tmp_path / language
        folder.mkdir()
        [table] = re.findall(rf"^```{language} {re.escape(name)}\n(.*?)^```$", FORMATS, re.DOTALL | re.MULTILINE)
        (folder / "iflytek.txt").write_text(text, encoding="utf-8")
        (folder / name).write_text(table, encoding="utf-8")
        [transcript] = read_transcripts(folder)
        roles = {(turn.speaker, turn.role.value) for turn in transcript.turns}
        assert roles == {("说话人1", "interviewer"), ("说话人2", "child")}, name


@pytest.mark.parametrize("page", CODEBOOKS)
@pytest.mark.parametrize("name", ["my-codebook.csv", "my-codebook.yaml"])
def test_a_sample_codebook_loads_without_errors(name, page, tmp_path):
    shown = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for sample in (name, "my-codebook.utterances.csv"):
        [text] = re.findall(rf"^```\w+ {re.escape(sample)}\n(.*?)^```$", shown, re.DOTALL | re.MULTILINE)
        if sample == name or name.endswith(".yaml"):
            (tmp_path / sample).write_text(text, encoding="utf-8")
    assert [problem for problem in check_codebook(tmp_path / name) if problem.severity == "error"] == []
    assert len(load_codebook(tmp_path / name).utterances) == (3 if name.endswith(".yaml") else 0)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files(page):
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def commands(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(r"(?:^    (?:\.venv/bin/)?|`)lbc-themes ([^`\n]+)", text, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_options_of_the_commands_exist(page):
    for command in commands(page):
        words = shlex.split(command)
        depth = 3 if words[:2] == ["study", "codebook"] else 1 if words[0] in {"run", "--help"} else 2
        path = words[:depth]
        result = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
        assert result.exit_code == 0, command
        missing = [word for word in words if word.startswith("--") and word not in result.output]
        assert missing == [], command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_names_no_path_of_a_machine(page):
    assert re.findall(r"(?<![\w./])/(?:home|root|tmp|work|Users)/\S*", page.read_text(encoding="utf-8")) == []
