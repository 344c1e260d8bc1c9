"""Our projects in QualCoder, as far as its way of reading can be followed without it."""

import dataclasses

import pytest
from qualcoder_reader import Imported
from study_samples import both, code, decision, reference, suggested_study, transcript

from lbc_themes.core.records import Codebook, Coding, Role
from lbc_themes.study import Memo, Study

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


def test_the_whole_shipped_codebook_arrives(tmp_path):
    text = "访谈者：说吧。\n小麦：我想我妈妈，晚上睡不着。\n"
    book = reference()
    with Study.create(tmp_path / "r.lbc", [transcript("K", text, ("小麦", Role.CHILD))], book) as study:
        found = imported(study, tmp_path)
    assert sorted(found.rows("SELECT name FROM code_name")) == sorted((each.name.zh,) for each in book)


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


def test_a_study_that_lost_a_participant_arrives_without_them(study, tmp_path):
    study.withdraw("K01", by="周")
    found = imported(study, tmp_path)
    assert found.rows("SELECT name FROM source") == [("L01",)]
    assert sorted(found.rows(CODINGS)) == expected(study)
    assert dataclasses.asdict(study.withdrawals[0])["transcripts"] == 1
