"""Our projects in QualCoder, as far as its way of reading can be followed without it."""

import dataclasses
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from qualcoder_reader import Imported
from study_samples import both, code, decision, reference, suggested_study, transcript

from lbc_themes.core.records import Codebook, Coding, Role
from lbc_themes.exchange import read_qdpx
from lbc_themes.study import Memo, Study
from lbc_themes.study.import_export import Import, import_into
from lbc_themes.study.merge import additions

CODINGS = """SELECT s.name, t.pos0, t.pos1, t.seltext, c.name, t.owner FROM code_text t
JOIN source s ON s.id = t.fid LEFT JOIN code_name c ON c.cid = t.cid"""


@pytest.fixture
def study(tmp_path):
    with suggested_study(tmp_path) as study:
        study.record(decision(study, 0, "changed", "longing", "school", memo="两样都有"))
        study.record(decision(study, 2, "accepted", "homework", coder="王"))
        study.record_coding(Coding(transcript_id="K01", start=24, end=29, code_id="school", coder="王"))
        yield study


def imported(study, tmp_path):
    study.to_qdpx(tmp_path / "y.qdpx")
    return Imported(tmp_path / "y.qdpx")


def expected(study):
    texts = {each.id: each.text for each in study.transcripts}
    names = {each.id: each.name.zh for each in study.codebook}
    return sorted(
        (c.transcript_id, c.start, c.end, texts[c.transcript_id][c.start : c.end], names[c.code_id], c.coder)
        for c in study.codings(machine_top=None)
    )


def test_every_coding_arrives_with_its_words_code_and_coder(study, tmp_path):
    assert sorted(imported(study, tmp_path).rows(CODINGS)) == expected(study)


def test_reasons_remarks_memos_codes_and_participants_arrive(study, tmp_path):
    for about, about_id in (("study", ""), ("code", "longing"), ("participant", "K01")):
        study.record_memo(Memo(text=f"关于{about}", coder="王", about=about, about_id=about_id))
    found = imported(study, tmp_path)
    memos = dict(found.rows("SELECT owner, memo FROM code_text ORDER BY memo"))
    assert memos["李"] == "两样都有"
    assert any("提到想念" in memo for (memo,) in found.rows("SELECT memo FROM code_text WHERE owner = 'machine'"))
    assert [words for (words,) in found.rows("SELECT jentry FROM journal ORDER BY name")] == [
        "关于study", "关于code", "关于participant",
    ]  # fmt: skip
    above = dict(found.rows("SELECT c.name, p.name FROM code_name c LEFT JOIN code_name p ON p.cid = c.supercid"))
    assert len(above) == len(study.codebook)
    assert above["想念"] == "心情"
    assert found.rows("SELECT count(*) FROM code_cat") == [(0,)]
    told = found.rows("SELECT c.name, a.name, a.value FROM attribute a JOIN cases c ON c.caseid = a.id")
    assert ("K01", "gender", "女") in told


def test_several_memos_of_a_coder_on_one_passage_do_not_stop_the_import(study, tmp_path):
    passage_id = study.passages[1].id
    for words, who in (("先记一笔", "王"), ("再想想", "王"), ("同意", "李")):
        study.record_memo(Memo(text=words, coder=who, about="passage", about_id=passage_id))
    found = imported(study, tmp_path)
    assert sorted(found.rows("SELECT owner, memo FROM annotation")) == [("李", "同意"), ("王", "先记一笔\n\n再想想")]
    topics = {loss.topic: loss.count for loss in study.to_qdpx(tmp_path / "z.qdpx")}
    assert topics["memos-joined"] == 1


def test_memos_on_words_become_annotations_one_a_slice_and_coder_and_come_back_once(study, tmp_path):
    passage = study.passages[0]
    for text, start, end in (("一", 24, 29), ("二", 24, 29), ("三", passage.start, passage.end)):
        study.record_memo(Memo(text=text, coder="王", about="span", about_id="K01", start=start, end=end))
    study.record_memo(Memo(text="四", coder="王", about="passage", about_id=passage.id))
    found = imported(study, tmp_path)
    assert sorted(found.rows("SELECT pos0, memo FROM annotation")) == [(16, "三\n\n四"), (24, "一\n\n二")]
    with zipfile.ZipFile(tmp_path / "y.qdpx") as ours, zipfile.ZipFile(tmp_path / "z.qdpx", "w") as bare:
        for name in ours.namelist():
            if name != "lbc_themes.json":
                bare.writestr(name, ours.read(name))
    assert taken(study, tmp_path / "z.qdpx").memos == 0


def test_codes_of_one_name_stay_apart(tmp_path):
    book = Codebook(
        id="twice", version="1", name=both("两次", "Twice"),
        codes=(code("home.help", "帮助", "help"), code("school.help", "帮助", "help"), code("rest", "别的", "rest")),
    )  # fmt: skip
    text = "访谈者：谁帮你？\n小麦：老师放学留我写作业，外婆给我热饭。\n"
    with Study.create(tmp_path / "t.lbc", [transcript("K", text, ("小麦", Role.CHILD))], book) as study:
        for number, code_id in enumerate(("home.help", "school.help", "rest")):
            study.record_coding(Coding(transcript_id="K", start=12, end=15 + number, code_id=code_id, coder="李"))
        found = imported(study, tmp_path)
    names = [row[4] for row in sorted(found.rows(CODINGS))]
    assert names == ["帮助（home.help）", "帮助（school.help）", "别的"]


@pytest.mark.slow
def test_the_whole_shipped_codebook_arrives(tmp_path):
    text = "访谈者：说吧。\n小麦：我想我妈妈，晚上睡不着。\n"
    book = reference()
    with Study.create(tmp_path / "r.lbc", [transcript("K", text, ("小麦", Role.CHILD))], book) as study:
        found = imported(study, tmp_path)
    assert sorted(found.rows("SELECT name FROM code_name")) == sorted((each.name.zh,) for each in book)


@pytest.mark.slow
def test_windows_line_ends_and_characters_beyond_the_basic_plane(tmp_path):
    text = "访谈者：说吧😀\r\n小麦：𠮷大夫给我开了药，😀我就好了。\r\n小麦：后来不疼了。\r\n"
    labels = (("小麦", Role.CHILD),)
    with Study.create(tmp_path / "w.lbc", [transcript("K", text, *labels)], reference()) as study:
        for words in ("𠮷大夫", "😀我就好了", "后来不疼了"):
            at = text.index(words)
            study.record_coding(
                Coding(transcript_id="K", start=at, end=at + len(words), code_id=study.codebook.ids[3], coder="李")
            )
        said = [row[3] for row in sorted(imported(study, tmp_path).rows(CODINGS))]
    assert said == ["𠮷大夫", "😀我就好了", "后来不疼了"]


@pytest.mark.slow
def test_a_study_that_lost_a_participant_arrives_without_them(study, tmp_path):
    study.withdraw("K01", by="周")
    found = imported(study, tmp_path)
    assert found.rows("SELECT name FROM source") == [("L01",)]
    assert sorted(found.rows(CODINGS)) == expected(study)
    assert dataclasses.asdict(study.withdrawals[0])["transcripts"] == 1


# What QualCoder 4.0 Beta itself wrote of ``worked_on`` (scripts/qualcoder_loop.py): there, 新 New coded five words of
# K01 and noted something on L01; the study's own work is in it as QualCoder gives it back.
BACK = Path(__file__).parents[1] / "data" / "exchange" / "qualcoder40_loop.qdpx"


@pytest.fixture
def worked_on(tmp_path):
    with suggested_study(tmp_path) as study:
        study.record(decision(study, 0, "changed", "longing", "school", memo="两样都有"))
        study.record(decision(study, 2, "accepted", "homework", coder="王"))
        study.record_coding(
            Coding(transcript_id="K01", start=24, end=29, code_id="school", coder="王", memo='a <b> & "c"')
        )
        for about, about_id in (("study", ""), ("code", "longing"), ("participant", "K01"), ("transcript", "K01")):
            study.record_memo(Memo(text=f"关于{about} <i> & x\n第二行", coder="王", about=about, about_id=about_id))
        for number, who, text in (
            (0, "王", "先记一笔 <问> & 急"), (0, "王", "再想想"), (1, "李", "同意"), (1, "钱", "只写备忘的人"),
            (2, "李", "第二条"),
        ):  # fmt: skip
            study.record_memo(Memo(text=text, coder=who, about="passage", about_id=study.passages[number].id))
        yield study


def taken(study, path=BACK):
    return import_into(study, Import(file=path, coder="", language="zh"))


@pytest.mark.slow
def test_the_loop_through_qualcoder_adds_what_was_coded_in_between_and_nothing_else(worked_on):
    codings, memos = worked_on.codings(machine_top=0), worked_on.memos()
    found = taken(worked_on)
    assert (found.decisions, found.codings, found.memos) == (0, 1, 1)
    (new,) = [c for c in worked_on.codings(machine_top=0) if c not in codings]
    assert (new.coder, new.code_id, new.memo) == ("新 New", "school", "在 <b>QualCoder</b> 里 & 编的")
    assert worked_on.transcripts[0].text[new.start : new.end] == "拔完就在田埂上坐着"
    assert [(m.text, m.coder) for m in worked_on.memos() if m not in memos] == [("只是备忘 <x>", "新 New")]


@pytest.mark.slow
def test_taking_in_twice_what_qualcoder_wrote_changes_nothing(worked_on):
    taken(worked_on)
    log = worked_on.contents().entries
    assert (taken(worked_on).codings, taken(worked_on).memos, worked_on.contents().entries) == (0, 0, log)


def test_what_qualcoder_loses_on_the_way_is_said(worked_on):
    said = {loss.topic: loss.count for loss in taken(worked_on).losses}
    # Cases without their interviews, the annotation whose text it does not name, colours that it has no like of.
    assert said == {"repaired": 1, "case-texts": 2, "note-places": 1, "who-and-when": 5, "changed-codes": 6}


def test_memos_keep_what_they_are_about_by_the_titles_that_qualcoder_keeps():
    contents, _ = read_qdpx(BACK)
    memos = {e.record.text.partition(" ")[0]: e.record for e in contents.entries if isinstance(e.record, Memo)}
    places = {text: (memo.about, memo.about_id) for text, memo in memos.items() if text.startswith("关于")}
    assert places == {
        "关于study": ("study", ""), "关于code": ("code", "longing"), "关于participant": ("participant", "K01"),
        "关于transcript": ("transcript", "K01"),
    }  # fmt: skip


def test_an_annotation_that_only_one_text_is_long_enough_for_is_placed_there():
    contents, _ = read_qdpx(BACK)
    (memo,) = [e.record for e in contents.entries if isinstance(e.record, Memo) and e.record.text == "只写备忘的人"]
    # Nobody who only wrote memos is among QualCoder's users.
    assert (memo.about, memo.about_id, memo.coder) == ("passage", "K01:0002", "unknown")


def test_a_memo_that_says_something_else_on_a_coding_that_stands_is_a_memo_on_its_passage(worked_on, tmp_path):
    shutil.copy(BACK, tmp_path / "x.qdpx")
    with zipfile.ZipFile(BACK) as old, zipfile.ZipFile(tmp_path / "x.qdpx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace("两样都有".encode(), "只有想念".encode()))
    found = taken(worked_on, tmp_path / "x.qdpx")
    assert {loss.topic: loss.count for loss in found.losses}["coding-memos"] == 1
    memo = worked_on.memos()[-1]
    assert (memo.text, memo.coder, memo.about, memo.about_id) == ("只有想念", "李", "passage", "K01:0001")
    assert taken(worked_on, tmp_path / "x.qdpx").memos == 0


def test_memos_without_place_are_known_by_their_words_only_where_another_program_wrote_them(worked_on):
    held = worked_on.contents()
    lost = dataclasses.replace(
        held, entries=tuple(
            dataclasses.replace(e, record=Memo(text=e.record.text, coder=e.record.coder, time=e.record.time))
            for e in held.entries if isinstance(e.record, Memo)
        ),
    )  # fmt: skip
    assert additions(lost, held, elsewhere=True).memos == ()
    assert len(additions(lost, held).memos) == 8


def test_texts_codes_and_attributes_that_differ_there_are_named(worked_on):
    held = worked_on.contents()
    first, second = held.transcripts
    codes = tuple(
        dataclasses.replace(c, name=both("写作业", "homework")) if c.id == "homework" else c for c in held.codebook
    )
    person = dataclasses.replace(held.participants[0], attributes={"age": "11"})
    given = dataclasses.replace(
        held, transcripts=(first, dataclasses.replace(second, text=second.text + "完")), participants=(person,),
        codebooks=(dataclasses.replace(held.codebook, codes=(*codes, code("new", "新的", "new"))),),
    )  # fmt: skip
    said = {loss.topic: loss.where for loss in additions(given, held).losses}
    assert said == {
        "new-texts": "L01", "new-codes": "新的", "changed-codes": "homework", "participants": "K01",
    }  # fmt: skip


def test_the_shipped_colours_are_those_that_qualcoder_keeps():
    # It replaces every colour by the nearest of its own; each of these went through it and came back.
    back = Path(__file__).parents[1] / "data" / "exchange" / "qualcoder40_colours.json"
    assert [code.colour for code in reference()] == json.loads(back.read_text(encoding="utf-8"))
