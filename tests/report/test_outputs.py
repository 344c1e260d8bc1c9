"""The tables, the records and the account beside the report, and where they may be written."""

import csv
import dataclasses
import io
import json
import os
import re
from pathlib import Path

import pytest
from report_samples import into

from lbc_themes.core.assets import sha256_of
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import plain_cell
from lbc_themes.core.records import Codebook
from lbc_themes.pipeline import RunResult, Unread, run
from lbc_themes.report import refuse_to_overwrite, write_outputs
from lbc_themes.report.outputs import NAMES
from lbc_themes.suggest.abstention import TOO_SHORT


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def records_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# Tables and records


@pytest.mark.parametrize("name", ["suggestions.csv", "themes.csv"])
def test_a_table_begins_with_the_mark_that_makes_excel_show_chinese(out: Path, name: str) -> None:
    content = (out / name).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert not content[3:].startswith(b"\xef\xbb\xbf")


def test_suggestions_have_a_row_for_each_passage_and_room_for_the_decision(out: Path, result: RunResult) -> None:
    rows = rows_of(out / "suggestions.csv")
    assert [row["passage"] for row in rows] == [passage.id.removeprefix("'") for passage in result.passages]
    for row, passage, suggestion in zip(rows, result.passages, result.suggestions, strict=True):
        assert (int(row["start"]), int(row["end"])) == (passage.start, passage.end)
        assert row["text"].removeprefix("'") == passage.text
        codes = [row[f"code_{number}"] for number in (1, 2, 3)]
        assert codes == [*(code.code_id for code in suggestion.codes), "", "", ""][:3]
        assert row["no_suggestion"] == suggestion.reason
        assert (row["decision"], row["decided_codes"], row["memo"]) == ("", "", "")
    named = next(row for row in rows if row["code_1"] == "money")
    assert (named["name_1_zh"], named["name_1_en"]) == ("经济困难", "Lack of money")


def test_cells_that_look_like_formulas_are_plain_text(result: RunResult, tmp_path: Path) -> None:
    signs = ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"]
    passages = [
        dataclasses.replace(p, text=sign.ljust(len(p.text)), speaker=sign, question=sign)
        for p, sign in zip(result.passages, signs, strict=False)
    ]
    count = len(passages)
    cut = dataclasses.replace(result, passages=passages, suggestions=result.suggestions[:count])
    cut = dataclasses.replace(into(cut, tmp_path / "out"), distress=result.distress[:count])
    result.themes.labels_, whole = result.themes.labels_[:count], result.themes.labels_
    try:
        write_outputs(cut)
    finally:
        result.themes.labels_ = whole
    for row, sign in zip(rows_of(tmp_path / "out" / "suggestions.csv"), signs, strict=False):
        assert row["text"] == "'" + sign.ljust(len(row["text"]) - 1)
        assert (row["speaker"], row["question"]) == (f"'{sign}", f"'{sign}")


@pytest.mark.parametrize("name", ["suggestions.csv", "themes.csv"])
def test_no_cell_of_a_hostile_run_begins_like_a_formula(out: Path, name: str) -> None:
    cells = [cell for row in rows_of(out / name) for cell in row.values() if not re.fullmatch(r"-?[\d.]+", cell)]
    assert cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def test_themes_have_a_row_each(out: Path, result: RunResult) -> None:
    rows = rows_of(out / "themes.csv")
    assert [int(row["theme"]) for row in rows] == [theme.id for theme in result.themes.themes_]
    assert [int(row["passages"]) for row in rows] == [len(theme.passages) for theme in result.themes.themes_]


def test_the_table_of_themes_is_what_pandas_writes_of_the_frame(out: Path, result: RunResult) -> None:
    frame = result.themes.to_frame()
    assert frame.to_dict("records") == result.themes.to_records()
    by_pandas = frame.map(plain_cell).to_csv(index=False, lineterminator="\r\n")
    assert (out / "themes.csv").read_bytes() == by_pandas.encode("utf-8-sig")


def test_records_hold_what_was_found_and_slices_are_the_words(out: Path, result: RunResult) -> None:
    texts = {transcript.id: transcript.text for transcript in result.transcripts}
    passages = records_of(out / "passages.jsonl")
    assert [record["id"] for record in passages] == [passage.id for passage in result.passages]
    for record in passages:
        said = "".join(texts[str(record["transcript_id"])][a:b] for a, b in record["spans"])  # type: ignore[attr-defined]
        assert said == record["text"]
    assert [record["theme"] for record in passages] == result.themes.labels_.tolist()
    suggestions = records_of(out / "suggestions.jsonl")
    assert [record["passage_id"] for record in suggestions] == [record["id"] for record in passages]


def test_the_account_says_what_was_run_on_what_with_what(out: Path, result: RunResult) -> None:
    account = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert account["options"]["seed"] == 0
    assert account["options"]["encoder"] == "e5-small-zh.v1"
    assert account["codebook"] == {"id": "four", "version": "1", "codes": 4}
    assert account["codebook_sha256"] == sha256_of(Path(result.options.codebook))
    assert {entry["transcript"]: entry["sha256"] for entry in account["inputs"]} == {
        transcript.id: sha256_of(Path(transcript.source)) for transcript in result.transcripts
    }
    assert [Path(entry["file"]).name for entry in account["unread"]] == ["broken.docx"]
    assert account["counts"]["passages"] == len(result.passages)
    assert set(account["seconds"]) >= {"read", "segment", "encode", "suggest", "themes"}
    assert {"lbc_themes", "jieba", "onnxruntime", "numpy", "scipy", "hdbscan", "opencc", "lxml"} <= set(
        account["versions"]
    )
    assert not {"pytest", "mypy"} & set(account["versions"])
    assert {"python", "system", "processor"} == set(account["machine"])


@pytest.mark.slow
def test_the_same_seed_leaves_the_same_bytes(result: RunResult, tmp_path: Path) -> None:
    again = run(result.options)
    write_outputs(into(result, tmp_path / "one"))
    write_outputs(into(again, tmp_path / "other"))
    for name in set(NAMES) - {"run.json", "report.html"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes(), name


def test_a_run_with_everything_silent_is_written_all_the_same(result: RunResult, tmp_path: Path) -> None:
    silent = [dataclasses.replace(s, codes=(), reason=TOO_SHORT) for s in result.suggestions]
    bare = dataclasses.replace(into(result, tmp_path / "out"), suggestions=silent, unread=list[Unread]())
    write_outputs(bare)
    for row in rows_of(tmp_path / "out" / "suggestions.csv"):
        risk = row["distress"] or row["distress_unclear"]
        assert row["no_suggestion"] == ("distress" if risk else TOO_SHORT)


# Earlier results


@pytest.mark.slow
def test_earlier_results_are_kept_unless_forced(out: Path, result: RunResult) -> None:
    (out / "themes.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        write_outputs(into(result, out))
    assert str(caught.value) == (
        f"{out} holds {', '.join(NAMES)} already; name another folder or give --force to overwrite them"
    )
    assert (out / "themes.csv").read_text(encoding="utf-8") == "mine"
    write_outputs(into(result, out, force=True))
    assert (out / "themes.csv").read_text(encoding="utf-8-sig") != "mine"


def test_a_folder_with_other_files_is_written_into(tmp_path: Path, result: RunResult) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    write_outputs(into(result, tmp_path))
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("below", ["file", "file/out"])
def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"^--out \S+: \S+file is a file; name a folder$"):
        refuse_to_overwrite(tmp_path / below, force=True)


def test_a_folder_that_can_not_be_written_in_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(InputError, match=r"^--out \S+: nothing can be written in \S+; name another folder$"):
        refuse_to_overwrite(tmp_path / "out", force=False)


def test_a_full_disk_is_said_in_one_line(result: RunResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lbc_themes.report.outputs.write_report", full)
    with pytest.raises(
        InputError, match=r"the results can't be written there \(\[Errno 28\] No space left on device\)"
    ):
        write_outputs(into(result, tmp_path / "out"))


def test_a_codebook_that_travels_with_the_library_has_its_checksum_too(result: RunResult, tmp_path: Path) -> None:
    named: Codebook = result.codebook
    write_outputs(dataclasses.replace(into(result, tmp_path, codebook="left-behind-children"), codebook=named))
    account = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"[0-9a-f]{64}", account["codebook_sha256"])
