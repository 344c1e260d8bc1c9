"""Files that other programs wrote, and what must come of them (tests/data/exchange)."""

from pathlib import Path

import openpyxl
import pytest

from lbc_themes.codebook import check_codebook, load_codebook
from lbc_themes.core.records import Coding
from lbc_themes.core.study_log import Memo
from lbc_themes.exchange import read_qdpx

FILES = Path(__file__).parents[1] / "data" / "exchange"


def records(contents, kind):
    return [entry.record for entry in contents.entries if isinstance(entry.record, kind)]


def words(contents):
    texts = {transcript.id: transcript.text for transcript in contents.transcripts}
    return [texts[c.transcript_id][c.start : c.end] for c in records(contents, Coding)]


def test_nvivo_selections_without_names_after_an_emoji_are_where_they_were():
    contents, _ = read_qdpx(FILES / "nvivo_unnamed_emoji_min.qdpx")
    assert words(contents) == ["想俺妈", "怕考不好"]


def test_a_heading_and_a_code_that_were_one_are_one_again_with_its_codings():
    contents, _ = read_qdpx(FILES / "category_and_code_same_id.qdpx")
    (code,) = contents.codebook
    assert (code.id, code.name.zh, code.colour) == ("stress", "心理压力", "#F5A9A9")
    assert words(contents) == ["你好"]
    assert records(contents, Coding)[0].code_id == "stress"


def test_our_codebook_comes_back_from_qualcoder_with_its_tree():
    back, ours = load_codebook(FILES / "qualcoder382_codebook_back.qdc"), load_codebook("left-behind-children")
    assert len(back) == 51
    assert {code.id: code.parent for code in back} == {code.id: code.parent for code in ours}


def test_an_annotation_written_unescaped_is_read_as_typed_and_the_repair_is_said():
    contents, losses = read_qdpx(FILES / "qualcoder_annotation_unescaped.qdpx")
    memos = {memo.text: memo for memo in records(contents, Memo)}
    assert memos["问得<直接> & 急"].coder == "李 Li"
    assert [loss.count for loss in losses if loss.topic == "repaired"] == [1]
    assert len(records(contents, Coding)) == 15
    assert "怕考不好" not in words(contents)
    assert words(contents)[0] == "想俺妈"


def test_descriptions_and_titles_are_kept_and_a_note_with_a_selection_keeps_its_place():
    contents, losses = read_qdpx(FILES / "silent_losses_min.qdpx")
    memos = {(memo.text, memo.about, memo.about_id) for memo in records(contents, Memo)}
    text = contents.transcripts[0].text
    on = {memo.text: text[memo.start : memo.end] for memo in records(contents, Memo) if memo.about == "span"}
    assert on == {"这里她哭了": "想俺妈", "问得太宽": "最近咋样"}
    assert memos == {
        ("文件备忘：录音有杂音", "transcript", "C1"), ("小满的备忘：奶奶带大", "participant", "小满"),
        ("第一次编码后的想法\n孩子说话少。", "study", ""), ("这里她哭了", "span", "C1"),
        ("问得太宽", "span", "C1"),
    }  # fmt: skip
    assert "variables" in {loss.topic for loss in losses}


@pytest.mark.parametrize("name", ["nvivo_unnamed_emoji_min", "silent_losses_min", "qualcoder_annotation_unescaped"])
def test_reading_a_project_twice_is_the_same(name):
    assert read_qdpx(FILES / f"{name}.qdpx") == read_qdpx(FILES / f"{name}.qdpx")


@pytest.mark.parametrize(
    ("name", "codes", "tree"),
    [("taguette_codebook.csv", 55, 41), ("taguette_codebook_paths.qdc", 55, 41), ("maxqda_code_memo.xlsx", 2, 1),
     ("atlas_codes.xlsx", 2, 1)],
)  # fmt: skip
def test_code_lists_of_other_programs_are_codebooks_with_their_tree(name, codes, tree):
    found = load_codebook(FILES / name)
    assert (len(found), sum(code.parent is not None for code in found)) == (codes, tree)


def test_taguettes_table_and_its_qdc_are_the_same_tree():
    one, two = (load_codebook(FILES / f"taguette_codebook{ending}") for ending in (".csv", "_paths.qdc"))
    assert {(code.id, code.parent) for code in one} == {(code.id, code.parent) for code in two}


LISTS = {
    "nvivo": [["Name", "Description", "Files", "References"], ["情绪", "", 3, 4], ["情绪\\想家", "想爸妈", 1, 2]],
    "dedoose": [
        ["Id", "Parent Id", "Depth", "Title", "Description"],
        [1, "", 0, "情绪", ""],
        [2, 1, 1, "想家", "想爸妈"],
    ],
    "maxqda": [["Parent code", "Code", "Memo", "Cod. seg."], ["", "情绪", "", 2], ["情绪", "想家", "想爸妈", 3]],
    "atlas": [["Name", "Comment", "Grounded"], ["情绪", "", 2], ["情绪::想家", "想爸妈", 3]],
}


@pytest.mark.parametrize("program", LISTS)
def test_heads_of_counts_are_known_and_a_missing_definition_is_a_warning(tmp_path, program):
    workbook = openpyxl.Workbook()
    for row in LISTS[program]:
        workbook.worksheets[0].append(row)
    workbook.save(tmp_path / "c.xlsx")
    found = load_codebook(tmp_path / "c.xlsx")
    by_name = {code.name.zh: code for code in found}
    assert list(by_name) == ["情绪", "想家"]
    assert by_name["想家"].parent == by_name["情绪"].id
    problems = check_codebook(tmp_path / "c.xlsx")
    assert {p.severity for p in problems if "neither a definition" in p.message.en} == {"warning"}
    assert not [p for p in problems if "not read" in p.message.en]
