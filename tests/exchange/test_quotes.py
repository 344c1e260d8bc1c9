"""Quotes: whose words carry a code, who said them, and what is told of them in triangulation, report and sheets."""

import csv
import dataclasses

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from study_samples import book, decision, transcript

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Role, Transcript, Turn
from lbc_themes.exchange import triangulate, write_structured_text, write_triangulation
from lbc_themes.exchange.codings_table import read_codings, write_codings
from lbc_themes.exchange.losses import Loss, gathered
from lbc_themes.exchange.member_check import read_member_sheet, understood, write_member_sheets
from lbc_themes.exchange.quotations import document, participant_rows, table, write_quotations
from lbc_themes.exchange.quotes import Quote, family, quotes_of, spread
from lbc_themes.exchange.triangulation import triangulation_rows
from lbc_themes.exchange.wording import WORDS
from lbc_themes.study import Study

SPEAKERS = {"小麦": Role.CHILD, "小禾": Role.CHILD, "周老师": Role.TEACHER, "外婆": Role.CAREGIVER}
TALKS = {
    "K1": ("小麦", "老师总是来帮我补课"),
    "K2": ("小禾", "老师从来没有帮过我"),
    "K3": ("小禾", "有一回老师帮了我的"),
    "T1": ("周老师", "我放学留他们一个钟头"),
    "G1": ("外婆", "哪里有人来帮过我们"),
}


@pytest.fixture
def talks(tmp_path):
    """Five short interviews with four people; 李 and 王 code them with help that helped and help that failed."""
    people = {"K1": "P1", "K2": "P2", "K3": "P2", "T1": "T1", "G1": "G1"}
    texts = [
        transcript(name, f"访谈者：有人帮吗？\n{who}：{said}。\n", (who, SPEAKERS[who]), participant=people[name])
        for name, (who, said) in TALKS.items()
    ]
    with Study.create(tmp_path / "t.lbc", texts, book()) as study:
        for number, code in enumerate(("positive", "negative", "positive", "positive", "negative")):
            study.record(decision(study, number, "changed", f"help.{code}"))
        study.record(decision(study, 0, "changed", "help.positive", coder="王"))
        yield study


def test_the_same_words_with_the_same_code_are_one_quote_with_all_who_gave_it(talks):
    quotes = quotes_of(talks.contents())
    assert [(q.participant, q.role, q.transcript_id, q.code_id, q.coders) for q in quotes] == [
        ("P1", Role.CHILD, "K1", "help.positive", ("李", "王")),
        ("P2", Role.CHILD, "K2", "help.negative", ("李",)),
        ("P2", Role.CHILD, "K3", "help.positive", ("李",)),
        ("T1", Role.TEACHER, "T1", "help.positive", ("李",)),
        ("G1", Role.CAREGIVER, "G1", "help.negative", ("李",)),
    ]
    assert [q.coders for q in quotes_of(talks.contents(), ["王"])] == [("王",)]


def test_the_role_is_that_of_who_speaks_else_of_the_participant():
    text = "甲说好，乙说不好。"
    turns = (
        Turn(speaker="", role=Role.INTERVIEWER, start=0, end=2),
        Turn(speaker="", role=Role.OTHER, start=2, end=4),
        Turn(speaker="", role=Role.TEACHER, start=4, end=9),
    )
    from lbc_themes.core.study_log import Participant
    from lbc_themes.exchange.quotes import _role, _said, _Speech

    speech = _Speech(Transcript(id="a", text=text, turns=turns))
    assert speech.turns(0, 2) == turns[:1]
    assert speech.turns(1, 3) == turns[:2]
    assert speech.turns(2, 4) == turns[1:2], "a turn that only touches has no part in it"
    person = Participant(id="p", attributes={"role": "caregiver"}, transcript_ids=("a",))
    assert _role(turns, person) is Role.TEACHER
    assert _role(turns[:2], person) is Role.CAREGIVER
    assert _role(turns[:2], None) is Role.OTHER
    assert _said(text, turns, 1, 6) == "好， …… 乙说"
    assert _said(text, turns[:1], 0, 2) == "甲说"


def test_a_code_s_family_are_itself_and_all_below_it(talks):
    contents = talks.contents()
    assert family(contents, "school") == ("school", "homework")
    assert family(contents, "homework") == ("homework",)


def quote(participant, start, transcript_id="K1"):
    return Quote(
        participant=participant, role=Role.CHILD, transcript_id=transcript_id, start=start, end=start + 1, text="话",
        code_id="a", coders=("李",),
    )  # fmt: skip


def test_examples_are_of_different_people_first():
    quotes = [quote("P1", 0), quote("P1", 5), quote("P2", 9), quote("P3", 2, "K2"), quote("P4", 1, "K3")]
    assert spread(quotes) == (quotes[0], quotes[2], quotes[3])
    assert spread(quotes[:3]) == (quotes[0], quotes[2], quotes[1])
    assert spread(quotes, 1) == (quotes[0],)
    assert spread([]) == ()


def test_of_a_group_that_says_both_all_who_speak_are_counted(talks):
    (row,) = triangulate(talks.contents(), themes=["help.positive"])
    children, teachers, caregivers = row.voices
    assert (children.stance, children.participants, children.quotes, children.against) == ("mixed", 2, 2, 1)
    assert [each.participant for each in children.examples] == ["P1", "P2"]
    assert (teachers.stance, teachers.participants, teachers.quotes, teachers.against) == ("agreeing", 1, 1, 0)
    assert (caregivers.stance, caregivers.participants, caregivers.quotes, caregivers.against) == ("contrary", 1, 0, 1)
    assert [each.participant for each in caregivers.examples] == ["G1"]
    assert [voice.role for voice in row.voices] == [Role.CHILD, Role.TEACHER, Role.CAREGIVER]
    children = triangulate(talks.contents(), themes=["help.negative"])[0].voices[0]
    assert (children.stance, children.participants, children.quotes, children.against) == ("mixed", 2, 1, 2)
    cells = triangulation_rows([row], talks.contents(), "zh")
    assert cells[0] == ["主题", "儿童", "教师", "照顾者"]
    assert cells[1][1].startswith("两种说法都有 (2 人，3 处)\n“老师总是来帮我补课。” (P1)\n“有一回老师帮了我的。” (P2)")
    assert cells[1][3] == "相反 (1 人，1 处)\n“哪里有人来帮过我们。” (G1)"


def test_the_table_of_triangulation_lies_crosswise_with_its_note(talks, tmp_path):
    rows = triangulate(talks.contents())
    write_triangulation(rows, talks.contents(), tmp_path / "t.docx")
    page = docx.Document(str(tmp_path / "t.docx"))
    assert page.sections[0].orientation == WD_ORIENT.LANDSCAPE
    assert page.paragraphs[0].text == "三角互证：儿童、教师与照顾者"
    assert page.paragraphs[1].text.startswith("按编码计数。")
    write_triangulation(rows, talks.contents(), tmp_path / "t.CSV", language="en")
    with (tmp_path / "t.CSV").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == triangulation_rows(rows, talks.contents(), "en")


def test_documents_have_a_title_a_typeface_for_chinese_and_bold_heads():
    made = document("题目")
    assert (made.paragraphs[0].text, made.paragraphs[0].style.name) == ("题目", "Heading 1")
    assert made.sections[0].orientation == WD_ORIENT.PORTRAIT
    normal = made.styles["Normal"]
    assert (normal.font.name, normal.font.size.pt) == ("Times New Roman", 10.5)
    assert normal.element.rPr.rFonts.get(qn("w:eastAsia")) == "宋体"
    grid = table(made, [["头", "尾"], ["一", "二\x00"]])
    bold = [[cell.paragraphs[0].runs[0].bold for cell in row.cells] for row in grid.rows]
    assert bold == [[True, True], [False, False]]
    assert grid.style.name == "Table Grid"


def test_the_report_orders_participants_themes_codes_and_quotes(talks, tmp_path):
    write_quotations(talks.contents(), tmp_path / "r.docx")
    page = docx.Document(str(tmp_path / "r.docx"))
    said = [(p.style.name, p.text) for p in page.paragraphs]
    assert said[:3] == [
        ("Heading 1", f"编码引文报告: {talks.contents().name}"),
        ("Heading 2", "受访者"),
        ("Heading 2", "主题与引文"),
    ]
    assert said[3:8] == [
        ("Heading 3", "帮上忙 (3 人，3 处)"),
        ("Heading 4", "帮上忙 (3 人，3 处)"),
        ("Normal", "帮上忙的说法。"),
        ("Intense Quote", "“老师总是来帮我补课。” (P1)"),
        ("Intense Quote", "“有一回老师帮了我的。” (P2)"),
    ]
    assert said[9] == ("Heading 3", "没帮上 (2 人，2 处)")


def test_the_table_of_participants_leaves_out_what_nobody_stated(study):
    study.record(decision(study, 0, "accepted", "longing"))
    contents = study.contents()
    assert participant_rows(contents, quotes_of(contents), "zh") == [
        ["受访者", "角色", "性别", "年龄", "引文数"],
        ["K01", "儿童", "女", "10", "1"],
        ["L01", "教师", "男", "", "0"],
    ]


def test_losses_of_one_kind_are_counted_together_with_the_first_place():
    text = book().name
    losses = [
        Loss(topic="b", text=text, count=2),
        Loss(topic="a", text=text, where="x"),
        Loss(topic="b", text=text, where="y"),
    ]
    assert gathered(losses) == (Loss(topic="b", text=text, count=3), Loss(topic="a", text=text, where="x"))


# Codings as a table


def test_codings_as_a_table_name_code_words_coder_time_and_memo_and_come_back(talks, tmp_path):
    first = talks.passages[0]
    when = "2025-01-01T00:00:00Z"
    coding = Coding(transcript_id="K1", start=first.start, end=first.start + 2, code_id="school", coder="王")
    talks.record_coding(dataclasses.replace(coding, memo="=1+1", time=when))
    write_codings(talks.contents(), tmp_path / "c.csv", coders=["王"])
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "transcript", "start", "end", "code", "coder", "quote", "code_zh", "code_en", "time", "memo"
    ]  # fmt: skip
    (words,) = [row for row in rows if row["code"] == "school"]
    assert words == {
        "transcript": "K1", "start": str(first.start), "end": str(first.start + 2), "code": "school", "coder": "王",
        "quote": "老师", "code_zh": "学校", "code_en": "school", "time": when, "memo": "'=1+1",
    }  # fmt: skip
    assert {row["coder"] for row in rows} == {"王"}
    back = read_codings(tmp_path / "c.csv", talks.contents())
    assert sorted(back, key=lambda c: c.end) == sorted(talks.codings(coder="王", machine_top=0), key=lambda c: c.end)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"transcript": "Z"}, "Z"),
        ({"code": "nope"}, "nope"),
        ({"coder": ""}, r"row 3"),
        ({"start": "a"}, "a"),
        ({"end": "-1"}, "-1"),
        ({"start": "500", "end": "600"}, "K1"),
        ({"quote": "学生"}, "学生"),
    ],
)
def test_a_row_of_codings_that_does_not_fit_is_refused_with_its_number(talks, tmp_path, cells, words):
    start = talks.passages[0].start
    good = {
        "transcript": "K1",
        "start": str(start),
        "end": str(start + 2),
        "code": "school",
        "coder": "李",
        "quote": "老师",
    }
    with (tmp_path / "c.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(good))
        writer.writeheader()
        writer.writerows([good, good | cells])
    with pytest.raises(InputError, match=words) as refused:
        read_codings(tmp_path / "c.csv", talks.contents())
    assert "row 3" in str(refused.value)
    if cells == {"coder": ""}:
        assert [c.coder for c in read_codings(tmp_path / "c.csv", talks.contents(), coder="周")] == ["李", "周"]


# MAXQDA structured text


def test_structured_text_cuts_what_overlaps_and_says_what_it_has_no_place_for(talks, tmp_path):
    start = talks.passages[0].start
    for a, b, code in ((0, 4, "homework"), (2, 6, "longing"), (2, 6, "school")):
        talks.record_coding(Coding(transcript_id="K1", start=start + a, end=start + b, code_id=code, coder="周"))
    losses = write_structured_text(talks.contents(), tmp_path / "m.txt", coder="周", language="en")
    text = (tmp_path / "m.txt").read_text(encoding="utf-8-sig")
    assert text.startswith(
        "#TEXT K1\n访谈者：有人帮吗？\n小麦：#CODE school\\homework#老师#ENDCODE#"
        "#CODE feelings\\longing&&school&&school\\homework#总是#ENDCODE#"
        "#CODE feelings\\longing&&school#来帮#ENDCODE#我补课。\n\n\n#TEXT K2\n"
    )
    assert [(loss.topic, loss.count, loss.where) for loss in losses] == [
        ("coders-and-memos", 1, ""),
        ("overlaps", 3, "K1"),
    ]
    assert [loss.topic for loss in write_structured_text(talks.contents(), tmp_path / "n.txt", coder="谁")] == []


# Member checking


def test_children_are_told_in_plain_words_and_adults_the_brief(talks):
    from study_samples import reference

    plain = next(c for c in reference() if understood(c, Role.CHILD, "zh") != c.brief.zh)
    assert understood(plain, Role.CHILD, "zh").startswith("你跟我们说到了：")
    assert understood(plain, Role.CHILD, "en").startswith("You told us about ")
    assert understood(plain, Role.TEACHER, "zh") == plain.brief.zh
    own = talks.codebook["longing"]
    assert understood(own, Role.CHILD, "en") == own.brief.en


@pytest.mark.slow
def test_a_sheet_speaks_to_a_child_as_a_child_and_holds_three_quotations_a_code(talks, tmp_path):
    first = talks.passages[0]
    for n in range(4):
        talks.record_coding(
            Coding(transcript_id="K1", start=first.start + n, end=first.start + n + 2, code_id="school", coder="李")
        )
    child, _, teacher, _ = sorted(
        write_member_sheets(talks.contents(), tmp_path), key=lambda path: path.name != "P1.docx"
    )[:4]
    page = docx.Document(str(child))
    assert page.paragraphs[0].text == WORDS["child_title"].zh.format(name="P1")
    assert page.paragraphs[1].text == WORDS["child_intro"].zh
    rows = [[cell.text for cell in row.cells] for row in page.tables[0].rows]
    assert rows[0] == [
        WORDS[key].zh for key in ("child_understood", "child_words", "member_right", "member_wrong", "child_say")
    ]
    assert rows[1] == ["学校的说法。 {P1|school}", "“老师”\n“师总”\n“总是”", "□", "□", ""]
    assert rows[2][0] == "帮上忙的说法。 {P1|help.positive}"
    assert page.paragraphs[-1].text or page.tables[1].rows[0].cells[0].text.endswith("{P1|}")
    assert docx.Document(str(tmp_path / "T1.docx")).paragraphs[0].text == WORDS["member_title"].zh.format(name="T1")
    assert teacher.exists()


@pytest.mark.slow
def test_answers_name_who_entered_them(talks, tmp_path):
    write_member_sheets(talks.contents(), tmp_path, language="en")
    page = docx.Document(str(tmp_path / "T1.docx"))
    page.tables[0].rows[1].cells[4].text = "I said more"
    page.save(str(tmp_path / "T1.docx"))
    (memo,) = read_member_sheet(tmp_path / "T1.docx", talks.contents(), coder="周", time="t", language="en")
    assert (memo.text, memo.coder, memo.about_id, memo.time) == (
        "〔help that helped〕adds: I said more",
        "周",
        "T1",
        "t",
    )


def test_a_file_that_is_no_word_document_is_refused(talks, tmp_path):
    path = tmp_path / "x.docx"
    path.write_text("no", encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.docx"):
        read_member_sheet(path, talks.contents())
