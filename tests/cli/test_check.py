"""lbc-themes check, and what run and study say of files that need a look."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lbc_themes.cli.app import app
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import use_language
from lbc_themes.reading import audit, read_transcripts, to_check, wording_of

GOOD = "访谈者：放学走多久？\n小林：四十分钟。\n访谈者：有人陪你吗？\n小林：没有，我自己走。\n"
NOBODY = "放学走多久？\n四十分钟。\n有人陪你吗？\n没有，我自己走。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "稿"
    inside.mkdir()
    (inside / "好.txt").write_text(GOOD, encoding="utf-8")
    (inside / "无人.txt").write_text(NOBODY, encoding="utf-8")
    return inside


def test_check_lists_findings_with_what_to_do(folder: Path) -> None:
    done = CliRunner().invoke(app, ["check", str(folder)])
    assert done.exit_code == 0
    assert "无人" in done.stdout
    assert "2 " in done.stdout.splitlines()[-1]
    assert "1 " in done.stdout.splitlines()[-1]


def test_why_a_file_was_not_read_is_said_in_the_language_asked_for(folder: Path) -> None:
    (folder / "旧.doc").write_text("孩子：好", encoding="utf-8")
    with use_language("zh"):
        said = CliRunner().invoke(app, ["check", str(folder)]).stdout
    with pytest.raises(InputError) as refusal:
        read_transcripts(folder / "旧.doc")
    assert f"没有读到：{refusal.value.said('zh')}" in said


def test_check_as_json_holds_both_languages(folder: Path) -> None:
    held = json.loads(CliRunner().invoke(app, ["check", str(folder), "--json"]).stdout)
    assert held["to_check"] == ["无人"]
    [finding] = next(file for file in held["files"] if file["id"] == "无人")["findings"]
    assert (finding["kind"], finding["severity"]) == ("nobody-named", "check")
    assert finding["zh"]
    assert finding["advice_en"] == "name the speakers and read it again"


def test_check_is_strict_on_request(folder: Path) -> None:
    assert CliRunner().invoke(app, ["check", str(folder), "--strict"]).exit_code == 2
    (folder / "无人.txt").unlink()
    assert CliRunner().invoke(app, ["check", str(folder), "--strict"]).exit_code == 0


def test_a_strict_study_is_not_made_before_somebody_looked(folder: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["study", "new", str(tmp_path / "s.lbc"), str(folder), "--strict"])
    assert isinstance(done.exception, InputError)
    assert "无人" in done.stdout
    assert not (tmp_path / "s.lbc").exists()


def test_the_same_interview_under_two_names_is_said(tmp_path: Path) -> None:
    turns = "".join(f"问：第{n}件事你怎么看？\n答：第{n}件事我是这样想的，说不清楚。\n" for n in range(8))
    (tmp_path / "甲.txt").write_text(turns, encoding="utf-8")
    (tmp_path / "乙.md").write_text("# 访谈\n\n" + turns.replace("\n", "\n\n"), encoding="utf-8")
    kinds = [[finding.kind for finding in transcript.findings] for transcript in read_transcripts(tmp_path)]
    assert all("same-interview-twice" in each for each in kinds)


def test_a_finding_points_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "稿.txt"
    path.write_text(GOOD.replace("小林：没有，我自己走。", "小林；没有，我自己走。") + GOOD, encoding="utf-8")
    [got] = read_transcripts(path)
    [finding] = [finding for finding in got.findings if finding.kind == "label-at-line-start"]
    assert finding.line == 4
    assert wording_of(finding).zh.endswith("小林")
    assert to_check([got]) == [got]


def test_the_audit_of_a_good_transcript_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "稿.txt"
    path.write_text(GOOD, encoding="utf-8")
    [got] = read_transcripts(path)
    assert audit(got) == got.findings == ()
