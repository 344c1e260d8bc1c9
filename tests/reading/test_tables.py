"""Word documents, sheets and csv files built here and read back."""

import datetime as dt
import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Role, Transcript
from lbc_themes.reading import read_transcripts
from lbc_themes.reading.formats.tables import meaning


def spoken(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, transcript.said(turn)) for turn in transcript.turns]


def read_csv(tmp_path: Path, text: str, encoding: str = "utf-8", name: str = "表.csv") -> Transcript:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    [transcript] = read_transcripts(path)
    return transcript


def read_word(tmp_path: Path, document: Any) -> Transcript:
    path = tmp_path / "稿.docx"
    document.save(str(path))
    [transcript] = read_transcripts(path)
    return transcript


def read_book(tmp_path: Path, *sheets: list[list[object]]) -> Transcript:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
    path = tmp_path / "表.xlsx"
    book.save(path)
    [transcript] = read_transcripts(path)
    return transcript


def add_table(parent: Any, rows: list[tuple[str, ...]]) -> Any:
    table = parent.add_table(len(rows), len(rows[0]))
    for row, values in zip(table.rows, rows, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    return table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize(
    "header",
    ["时间,内容,说话人", "start_time,text,Speaker", "开始时间,发言内容,发言人", "Time,转写文本,说话人 (speaker)"],
)
def test_a_csv_by_turn_is_read_whatever_its_header_and_encoding(tmp_path: Path, header: str, encoding: str) -> None:
    rows = '00:00:05,"河边好玩吗, 真的？",访谈者\n00:01:09,好玩、能抓鱼。,小石\n00:02:00,,小石\n00:02:10,有小虾。,\n'
    got = read_csv(tmp_path, f"{header}\n{rows}", encoding)
    assert got.form == "turn-table"
    assert got.text == "河边好玩吗, 真的？\n好玩、能抓鱼。\n有小虾。"
    assert spoken(got) == [("访谈者", "河边好玩吗, 真的？"), ("小石", "好玩、能抓鱼。"), ("小石", "有小虾。")]
    assert [turn.time for turn in got.turns] == [5, 69, 130]


def test_a_csv_by_turn_without_a_header_is_read_by_its_columns(tmp_path: Path) -> None:
    got = read_csv(tmp_path, "1:02,访谈者,鸡是谁喂的呢？\n1:09,小石,我喂。\n1:15,访谈者,几只？\n1:20,小石,七只。\n")
    assert got.form == "turn-table"
    assert spoken(got)[0] == ("访谈者", "鸡是谁喂的呢？")
    assert got.turns[3].time == 80


def test_a_role_column_gives_roles(tmp_path: Path) -> None:
    got = read_csv(tmp_path, "姓名,角色,内容\n甲某,采访者,来了\n乙某,班主任,来了\n丙某,奶奶,坐\n")
    assert [turn.role for turn in got.turns] == [Role.INTERVIEWER, Role.TEACHER, Role.CAREGIVER]


def test_a_question_column_is_the_question_of_the_turn(tmp_path: Path) -> None:
    got = read_csv(tmp_path, "受访者,问题,回答\n甲,怕什么？,怕黑\n甲,谁陪你？,小狗\n")
    assert [(turn.question, got.said(turn)) for turn in got.turns] == [("怕什么？", "怕黑"), ("谁陪你？", "小狗")]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_csv_by_answer_has_the_header_as_question(tmp_path: Path, separator: str) -> None:
    rows = [["编号", "性别", "怕什么？", "谁陪你？"], ["k1", "女", "怕黑", "小狗"], ["k2", "男", "", "没人"]]
    got = read_csv(tmp_path, "\n".join(separator.join(row) for row in rows) + "\n")
    assert got.form == "answer-table"
    assert got.text == "怕黑\n小狗\n没人"
    assert [(turn.speaker, turn.question) for turn in got.turns] == [
        ("k1", "怕什么？"),
        ("k1", "谁陪你？"),
        ("k2", "谁陪你？"),
    ]
    assert {turn.role for turn in got.turns} == {Role.OTHER}
    assert "columns not read as answers: 编号, 性别" in got.notes


def test_respondents_without_an_id_are_numbered_by_row(tmp_path: Path) -> None:
    got = read_csv(tmp_path, "怕什么？,谁陪你？\n怕黑,小狗\n怕狗,没人\n")
    assert [turn.speaker for turn in got.turns] == ["1", "1", "2", "2"]


def test_a_row_of_the_participants_table_gives_a_respondent_its_role(tmp_path: Path) -> None:
    (tmp_path / "participants.csv").write_text("participant,role\nk1,child\nk2,teacher\n", encoding="utf-8")
    got = read_csv(tmp_path, "编号,怕什么？,谁陪你？\nk1,怕黑,小狗\nk2,怕狗,没人\n")
    assert [turn.role for turn in got.turns] == [Role.CHILD, Role.CHILD, Role.TEACHER, Role.TEACHER]


def test_a_repeated_attribute_is_not_taken_for_a_speaker(tmp_path: Path) -> None:
    got = read_csv(tmp_path, "编号,性别,怕什么？\n1,女,怕黑\n2,男,怕狗\n3,女,怕雷\n4,男,不怕\n")
    assert got.form == "answer-table"


def test_a_workbook_by_turn_is_read_over_all_its_sheets(tmp_path: Path) -> None:
    head: list[object] = ["说话人", "时间", "内容"]
    got = read_book(
        tmp_path,
        [["河湾访谈"], head, ["访谈者", dt.time(0, 0, 9), "几岁？"], ["小石", dt.timedelta(seconds=15), 12.0]],
        [["附注"], ["无"]],
        [head, ["访谈者", "00:01:00", "好。"]],
    )
    assert got.form == "turn-table"
    assert spoken(got) == [("访谈者", "几岁？"), ("小石", "12"), ("访谈者", "好。")]
    assert [turn.time for turn in got.turns] == [9, 15, 60]
    assert "sheets without turns were not read: 表2" in got.notes


def test_a_workbook_of_one_column_with_labels_is_read_by_its_labels(tmp_path: Path) -> None:
    got = read_book(tmp_path, [["访谈者：热吗？"], ["小石：热。"], ["访谈者：有扇子？"], ["小石：有。"]])
    assert (got.form, len(got.turns)) == ("labels", 4)


def test_a_word_document_is_its_paragraphs_one_a_line(tmp_path: Path) -> None:
    document = docx.Document()
    for line in ("河湾访谈", "访谈者：热吗？", "小石：热。", "晚上凉。", "访谈者：嗯。", "小石：对。"):
        document.add_paragraph(line)
    got = read_word(tmp_path, document)
    assert got.text.splitlines()[0] == "河湾访谈"
    assert spoken(got)[1] == ("小石", "热。\n晚上凉。")


@pytest.mark.parametrize("header", [[], [("说话人", "谈话内容", "时间")], [("Speaker", "Text", "Time")]])
def test_a_table_in_word_is_read_row_by_row(tmp_path: Path, header: list[tuple[str, ...]]) -> None:
    document = docx.Document()
    document.add_paragraph("河湾访谈")
    rows = [
        ("访谈者：", "热吗？今天", "00:03"),
        ("小石：", "热。\n一直热。", "00:05"),
        ("访谈者：", "嗯，这样啊。", "00:10"),
    ]
    add_table(document, [*header, *rows, ("小石：", "要下雨了。", "00:12")])
    document.add_paragraph("谢谢")
    got = read_word(tmp_path, document)
    assert got.form == "word-table"
    assert spoken(got)[:2] == [("访谈者", "热吗？今天"), ("小石", "热。\n一直热。")]
    assert [turn.time for turn in got.turns] == [3, 5, 10, 12]
    assert got.text.startswith("河湾访谈\n")
    assert got.text.endswith("\n谢谢")


def test_a_table_inside_a_table_is_read(tmp_path: Path) -> None:
    document = docx.Document()
    outer = document.add_table(1, 1)
    add_table(
        outer.cell(0, 0),
        [("访谈者", "热吗？今天"), ("小石", "热得很。"), ("访谈者", "嗯，这样啊。"), ("小石", "要下雨。")],
    )
    got = read_word(tmp_path, document)
    assert spoken(got) == [
        ("访谈者", "热吗？今天"),
        ("小石", "热得很。"),
        ("访谈者", "嗯，这样啊。"),
        ("小石", "要下雨。"),
    ]


def test_a_table_inside_a_cell_of_speech_is_part_of_that_speech(tmp_path: Path) -> None:
    document = docx.Document()
    rows = [("访谈者", "热吗？今天"), ("小石", "热得很。"), ("访谈者", "嗯，这样啊。"), ("小石", "要下雨。")]
    table = add_table(document, rows)
    add_table(table.cell(1, 1), [("访谈者", "内里"), ("小石", "里面"), ("访谈者", "再里"), ("小石", "里头")])
    got = read_word(tmp_path, document)
    assert len(got.turns) == 4
    assert "里头" in got.said(got.turns[1])


def test_paragraphs_and_tables_keep_their_order(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("甲")
    add_table(document, [("乙", "丙")])
    document.add_paragraph("丁")
    assert read_word(tmp_path, document).text == "甲\n乙\n丙\n丁"


def test_tracked_changes_read_what_was_inserted_and_not_what_was_deleted(tmp_path: Path) -> None:
    from docx.oxml import parse_xml

    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    document = docx.Document()
    body = document.element.body
    old = "<w:r><w:t>旧</w:t></w:r>"
    gone = f"<w:del>{old}</w:del><w:moveFrom>{old}</w:moveFrom>"
    inserted = f"<w:p {space}><w:r><w:t>问：早</w:t></w:r><w:ins><w:r><w:t>饭呢？</w:t></w:r></w:ins></w:p>"
    deleted = f"<w:p {space}><w:r><w:t>答：吃了</w:t></w:r>{gone}</w:p>"
    for place, xml in enumerate((inserted, deleted)):
        body.insert(place, parse_xml(xml))
    assert spoken(read_word(tmp_path, document)) == [("问", "早饭呢？"), ("答", "吃了")]


def zipped(parts: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return held.getvalue()


def refusal(tmp_path: Path, name: str, data: bytes) -> str:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_transcripts(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["弹.docx", "弹.xlsx"])
def test_a_package_that_swells_is_refused_before_it_is_opened(tmp_path: Path, name: str) -> None:
    assert "at most 200 MB" in refusal(tmp_path, name, zipped({"word/media/a.bin": bytes(201_000_000)}))
    assert "at most 60 MB" in refusal(tmp_path, name, zipped({"word/document.xml": bytes(61_000_000)}))


def test_a_package_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    honest = zipped({"word/media/a.bin": bytes(5_000_000)})
    lying = honest.replace(struct.pack("<I", 5_000_000), struct.pack("<I", 500))
    assert lying != honest
    assert "not a readable Office file" in refusal(tmp_path, "谎.docx", lying)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_a_package_are_refused(tmp_path: Path, encoding: str) -> None:
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE w [<!ENTITY a "aa">]><w>&a;</w>'
    said = refusal(tmp_path, "实.docx", zipped({"word/document.xml": bomb.encode(encoding)}))
    assert "DOCTYPE" in said
    assert "word/document.xml" in said


def test_entities_behind_a_seam_of_two_pieces_are_refused(tmp_path: Path) -> None:
    bomb = b"<a>" + b" " * ((1 << 20) - 8) + b"<!DOCTYPE a>"
    assert "DOCTYPE" in refusal(tmp_path, "缝.docx", zipped({"word/document.xml": bomb}))


def test_entities_in_elan_are_refused(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aa">]><ANNOTATION_DOCUMENT>&a;</ANNOTATION_DOCUMENT>'
    assert "DOCTYPE" in refusal(tmp_path, "实.eaf", bomb.encode())


def test_an_annotation_without_its_time_slot_is_refused(tmp_path: Path) -> None:
    tier = '<TIER TIER_ID="甲"><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="z"/></TIER>'
    text = f"<ANNOTATION_DOCUMENT>{tier}</ANNOTATION_DOCUMENT>"
    assert "time slot 'z'" in refusal(tmp_path, "槽.eaf", text.encode())


def test_a_package_without_word_in_it_is_refused(tmp_path: Path) -> None:
    assert "not a readable Word document" in refusal(tmp_path, "空.docx", zipped({"a.txt": b"a"}))
    assert "not a readable workbook" in refusal(tmp_path, "空.xlsx", zipped({"a.txt": b"a"}))


def test_a_row_wider_than_excel_allows_is_refused(tmp_path: Path) -> None:
    assert "16,384" in refusal(tmp_path, "宽.csv", b"a," * 20_000 + b"a\n")


@pytest.mark.parametrize(
    ("header", "means"),
    [
        ("说话人", "speaker"), ("Speaker ID", "speaker"), ("speaker_name", "speaker"), ("说话人/Speaker", "speaker"),
        ("谈话内容", "text"), ("Utterance Text", "text"), ("开始时间", "time"), ("身份", "role"), ("性别", "aside"),
        ("编号", "respondent"), ("你想妈妈吗？", ""),
        ("性别/年龄", ""), ("性别 (gender)", "aside"), ("", ""), ("内容" * 30, ""),
    ],
)  # fmt: skip
def test_headers_have_meanings(header: str, means: str) -> None:
    assert meaning(header) == means


def test_a_quote_that_is_never_closed_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "稿.csv"
    path.write_text('说话人,内容\n访谈者,"没关的引号\n小云,好\n小云,还有\n', encoding="utf-8")
    with pytest.raises(InputError, match="line 2: a quote is opened and never closed"):
        read_transcripts(path)
    path.write_text('说话人,内容\n访谈者,好吗\n小云,买了个5"的屏\n', encoding="utf-8")
    assert [len(transcript.turns) for transcript in read_transcripts(path)] == [2]


def test_a_table_of_two_rows_is_read_by_the_words_for_its_speakers(tmp_path: Path) -> None:
    path = tmp_path / "稿.csv"
    path.write_text("访谈者,你跟谁住呀\n奶奶,他跟我住\n", encoding="utf-8")
    [got] = read_transcripts(path)
    assert [(turn.speaker, got.said(turn)) for turn in got.turns] == [("访谈者", "你跟谁住呀"), ("奶奶", "他跟我住")]


def test_a_sheet_with_a_row_a_question_is_read_respondent_by_respondent(tmp_path: Path) -> None:
    got = read_csv(tmp_path, "问题,小云,小波\n谁接你？,没人,外婆\n远不远？,,不远\n")
    assert [(turn.speaker, turn.question, got.said(turn)) for turn in got.turns] == [
        ("小云", "谁接你？", "没人"), ("小波", "谁接你？", "外婆"), ("小波", "远不远？", "不远"),
    ]  # fmt: skip
