"""What people do on the review page ends up in the study, under their names."""

import dataclasses
from html import unescape

import pytest
from review_pages import another, opened, passage_of, refused, remark, tags, values
from study_samples import book, decision, transcript

from lbc_themes.core.records import Coding, Role, Verdict
from lbc_themes.core.study_log import Memo, Retraction, coder_from_label
from lbc_themes.review.page import Renderer, exact, ink_on
from lbc_themes.study import Study
from lbc_themes.study.gold_labels import taught_codes


@pytest.fixture
def coder(study):
    with opened(study) as coder:
        yield coder


def verdicts(study):
    return [(d.passage_id, d.verdict.value, d.code_ids, d.coder) for d in study.decisions()]


def test_the_page_opens_at_the_first_open_passage_and_goes_on(study, coder):
    first, second = study.passages[:2]
    assert passage_of(coder.page) == first.id
    assert passage_of(coder.decide(first.id, only="longing")) == second.id
    assert passage_of(coder.get("/code")) == second.id


def test_an_accepted_suggestion_is_recorded_with_the_run_that_was_shown(study, coder):
    first = study.passages[0]
    answer = coder.decide(first.id, only="longing")
    assert verdicts(study) == [(first.id, "accepted", ("longing",), "李")]
    assert study.history()[0].run == "a"
    assert remark(answer) == "已保存：想念"


def test_taking_one_suggestion_leaves_out_ticks_from_before_and_keeps_new_ones(study, coder):
    first = study.passages[0]
    coder.decide(first.id, only="school", code=["longing"])
    assert study.decisions()[0].code_ids == ("school",)
    coder.decide(first.id, only="school", code=["longing"], ticked="1")
    assert study.decisions()[0].code_ids == ("longing", "school")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "verdict", "codes", "no_code"),
    [({"code": ["longing", "school"]}, "accepted", ("longing", "school"), False),
     ({"code": ["longing", "homework"]}, "changed", ("longing", "homework"), False),
     ({"action": "reject", "code": ["longing"]}, "rejected", (), False),
     ({"action": "nothing"}, "rejected", (), True)],
)  # fmt: skip
def test_decisions_say_what_became_of_the_suggestion(study, coder, fields, verdict, codes, no_code):
    coder.decide(study.passages[0].id, **fields)
    (found,) = study.decisions()
    assert (found.verdict.value, found.code_ids, found.no_code, found.memo) == (verdict, codes, no_code, "")


def test_agreeing_that_nothing_applies_accepts_what_the_machine_said(study, coder):
    last = study.passages[-1]
    assert "像闲聊" in coder.get("/code", p=last.id).text
    coder.decide(last.id, action="nothing")
    assert verdicts(study) == [(last.id, "accepted", (), "李")]


def test_storing_no_ticks_stores_nothing_and_says_so(study, coder):
    answer = coder.decide(study.passages[0].id)
    assert study.history() == []
    assert "没有保存" in remark(answer)
    assert passage_of(answer) == study.passages[0].id


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "fields"),
    [("/decide", {"passage": "X", "only": "longing"}), ("/decide", {"only": "lunging"}),
     ("/decide", {"action": "burn"}), ("/memo", {"text": " "}), ("/memo", {"passage": "X", "text": "m"}),
     ("/undo", {"entry": "x"}), ("/undo", {"entry": "99"}),
     ("/span", {"start": "-1", "end": "3", "head": "a", "tail": "a", "code": "school"}),
     ("/adjudicate", {"only": "lunging"}), ("/choose", {"order": "backwards"})],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(study, coder, path, fields):
    answer = coder.send(path, **{"passage": study.passages[0].id, **fields})
    assert answer.status_code == 400
    assert refused(answer)
    assert study.history() == []


@pytest.mark.parametrize(
    ("language", "line"),
    [("zh", "研究里没有段落 'gone'；请回到访谈列表"), ("en", "no passage 'gone' in the study; go back")],
)
def test_a_refusal_is_said_in_the_language_of_the_page(coder, language, line):
    coder.get("/code")
    coder.send("/choose", language=language, back="code")
    assert line in unescape(coder.get("/code", p="gone").text)


def test_undo_goes_back_to_the_passage_step_by_step(study, coder):
    first, second = study.passages[:2]
    coder.decide(first.id, only="longing")
    coder.decide(second.id, only="homework")
    assert passage_of(coder.send("/undo")) == second.id
    assert passage_of(coder.send("/undo")) == first.id
    assert study.decisions() == []
    assert remark(coder.send("/undo")) == "没有可撤销的内容"
    assert [type(e.record) for e in study.history()][2:] == [Retraction, Retraction]


def test_undo_brings_back_the_decision_before(study, coder):
    first = study.passages[0]
    coder.decide(first.id, only="longing")
    coder.decide(first.id, only="school")
    answer = coder.send("/undo")
    assert study.decisions()[0].code_ids == ("longing",)
    checked = [a.get("value") for a in tags(answer, "input") if a.get("name") == "code" and "checked" in a]
    assert [value for value in checked if value] == ["longing"]


def test_memos_are_shown_and_can_be_taken_back(study, coder):
    first = study.passages[0]
    coder.get("/code", p=first.id)
    answer = coder.send("/memo", passage=first.id, text="再看\r\n一遍")
    assert study.memos("passage", first.id)[0].text == "再看\n一遍"
    assert "再看\n一遍" in answer.text
    (entry,) = values(answer, "entry")
    coder.send("/undo", entry=entry, passage=first.id)
    assert study.memos() == []


def test_any_slice_can_be_coded_and_is_shown(study, coder):
    text = study.transcript("K01").text
    start = text.index("😀拔完")
    coder.get("/code", p=study.passages[0].id)
    answer = coder.send(
        "/span", passage=study.passages[0].id, start=start, end=start + 3, head="😀拔完", tail="😀拔完", code="school"
    )
    (coding,) = study.codings(coder="李")
    assert (coding.start, coding.end, coding.code_id) == (start, start + 3, "school")
    assert remark(answer) == "选中的文字已编码：学校"


@pytest.mark.slow
@pytest.mark.parametrize(("head", "tail"), [("拔完", "拔完就"), ("😀", "就在"), ("", "拔"), ("😀" * 9, "拔")])
def test_a_slice_that_is_not_what_was_selected_is_refused(study, coder, head, tail):
    start = study.transcript("K01").text.index("😀拔完")
    coder.get("/code", p=study.passages[0].id)
    fields = {"start": start, "end": start + 3, "head": head, "tail": tail, "code": "school"}
    assert coder.send("/span", passage=study.passages[0].id, **fields).status_code == 400
    assert study.history() == []


def test_pieces_give_back_the_text_at_their_offsets(study, coder):
    text = study.transcript("K01").text
    study.record_coding(Coding(transcript_id="K01", start=20, end=25, code_id="school", coder="李"))
    from html.parser import HTMLParser

    found = {}

    class Pieces(HTMLParser):
        at = None

        def handle_starttag(self, _tag, attributes):
            self.at = dict(attributes).get("data-at")

        def handle_data(self, data):
            if self.at is not None:
                found[int(self.at)] = data
            self.at = None

    Pieces().feed(coder.get("/code", p=study.passages[0].id).text)
    assert len(found) > 4
    assert all(text[at : at + len(said)] == said for at, said in found.items())


def test_why_and_definition_stand_beside_a_suggestion(study, coder):
    page = coder.get("/code", p=study.passages[0].id).text
    for words in ("提到想念", "说到想念，不论好坏。", "说想谁、盼谁回来", "只说没人管", "70%"):
        assert words in page
    coder.send("/choose", language="en", back="code")
    page = coder.get("/code", p=study.passages[0].id).text
    for words in ("speaks of longing", "longs for someone", "Suggestions", 'lang="en"'):
        assert words in page


def test_two_coders_on_one_server_stay_apart(study):
    with opened(study, coder=None) as li:
        wang = another(li)
        li.send("/coder", name="李")
        wang.send("/coder", name="王")
        first = study.passages[0].id
        li.decide(first, only="longing")
        wang.decide(first, only="school")
        assert {(d.coder, d.code_ids) for d in study.decisions()} == {("李", ("longing",)), ("王", ("school",))}
        assert wang.send("/undo").status_code == 200
        assert [d.coder for d in study.decisions()] == ["李"]


def test_without_a_name_the_page_asks_for_one_first(study):
    with opened(study, coder=None) as coder:
        assert coder.page.url.path == f"{coder.base}/coder"
        assert coder.get("/dashboard").url.path == f"{coder.base}/coder"
        assert coder.send("/decide", passage=study.passages[0].id, only="longing").url.path == f"{coder.base}/coder"
        assert study.history() == []


def test_a_name_from_the_command_line_cannot_be_changed_on_the_page(study, coder):
    coder.send("/coder", name="王")
    coder.decide(study.passages[0].id, only="longing")
    assert study.decisions()[0].coder == "李"


def test_another_process_is_seen_at_once(study, coder):
    with Study.open(study.path) as other:
        other.record(decision(study, 0, "accepted", "longing", coder="王"))
        other.record(decision(study, 0, "accepted", "school", coder="李"))
    page = coder.get("/code", p=study.passages[0].id)
    assert "其他人的编码" in page.text
    assert passage_of(coder.get("/code")) == study.passages[1].id
    with Study.open(study.path) as other:
        other.undo("李")
    assert passage_of(coder.get("/code")) == study.passages[0].id


def test_blind_coding_hides_suggestions_and_others(study):
    first = study.passages[0]
    study.record(decision(study, 0, "accepted", "longing", coder="王"))
    study.record_memo(Memo(text="王的看法", coder="王", about="passage", about_id=first.id))
    study.record_coding(
        Coding(transcript_id="K01", start=first.start, end=first.start + 2, code_id="school", coder="王")
    )
    with opened(study, blind=True) as coder:
        page = coder.get("/code", p=first.id).text
        for hidden in ("王", "提到想念", "70%", 'class="suggestions"', "/adjudicate", "Codes on parts", "先编最有用的"):
            assert hidden not in page
        dashboard = coder.get("/dashboard").text
        assert "王" not in dashboard
        assert coder.get("/adjudicate").status_code == coder.get("/dashboard/agreement").status_code == 400
        coder.get("/code", p=first.id)
        coder.send("/decide", passage=first.id, code="school", run="a", offered="school")
        assert study.decisions(coder="李")[0].verdict is Verdict.CHANGED
        coder.get("/code", p=first.id)
        assert coder.send("/adjudicate", passage=first.id, only="school").status_code == 400


def test_settling_records_under_a_name_of_its_own(study, coder):
    first, second = study.passages[:2]
    study.record(decision(study, 0, "accepted", "longing", coder="王"))
    coder.decide(first.id, code=["school", "longing"])
    coder.decide(second.id, only="homework")
    page = coder.get("/adjudicate")
    assert passage_of(page) == first.id
    assert all(name in page.text for name in ("李", "王"))
    answer = coder.send("/adjudicate", passage=first.id, code="longing", memo="只说想念")
    (adjudicated,) = study.decisions(adjudication=True)
    assert (adjudicated.code_ids, adjudicated.memo, adjudicated.coder) == (("longing",), "只说想念", "李")
    assert remark(answer) == "已裁定：想念"
    assert "没有待裁定的段落" in answer.text
    assert "已裁定" in coder.get("/adjudicate", p=first.id).text


def test_settling_shows_what_coders_put_on_parts_of_the_passage(study, coder):
    for name, code in (("王", "longing"), ("赵", "school")):
        study.record(decision(study, 0, "changed", code, coder=name))
    start = study.passages[0].start
    study.record_coding(Coding(transcript_id="K01", start=start, end=start + 3, code_id="homework", coder="赵"))
    page = coder.get("/adjudicate").text
    assert "作业" in page.partition('aria-label="赵"')[2].partition("</section>")[0]
    assert "作业" not in page.partition('aria-label="王"')[2].partition("</section>")[0]


def test_settling_can_take_one_coders_codes_or_none(study, coder):
    study.record(decision(study, 0, "accepted", "longing", coder="王"))
    coder.decide(study.passages[0].id, code=["school", "longing"])
    page = coder.get("/adjudicate")
    (both,) = [a["value"] for a in tags(page, "button") if "\n" in a.get("value", "")]
    coder.send("/adjudicate", passage=study.passages[0].id, only=both)
    assert study.decisions(adjudication=True)[0].code_ids == tuple(both.split("\n"))
    coder.get("/adjudicate", p=study.passages[0].id)
    coder.send("/adjudicate", passage=study.passages[0].id, action="nothing")
    assert study.decisions(adjudication=True)[0].no_code


def test_what_to_code_next_starts_where_suggestions_are_least_sure(study, coder):
    first, second = study.passages[:2]
    coder.send("/choose", order="next", back="code")
    assert passage_of(coder.get("/code")) == first.id
    assert passage_of(coder.decide(first.id, only="longing")) == second.id


def test_choosing_leads_back_to_pages_of_this_server_only(coder):
    for back in ("//evil.example/code", "https://evil.example", "/static/x", "/code\\@evil"):
        coder.get("/code")
        token = values(coder.page, "csrf")[0]
        answer = coder.client.post(
            f"{coder.base}/choose", data={"csrf": token, "language": "zh", "back": back}, headers={"origin": "http://127.0.0.1:8123"},
            follow_redirects=False,
        )  # fmt: skip
        assert answer.headers["location"] == "code"


def test_a_transcript_added_meanwhile_appears(study, coder):
    study.add(transcript("K02", "访谈者：来了？\n小豆：来了，走了四十分钟的路才到学校门口。\n", ("小豆", Role.CHILD)))
    assert "K02" in coder.get("/interviews").text


def test_how_an_interview_was_read_is_said_in_the_language_of_the_page(study, coder):
    added = transcript("K02", "访谈者：来了？\n小豆：走了四十分钟的路才到学校。\n", ("小豆", Role.CHILD))
    study.add(dataclasses.replace(added, notes=("read as labels, 2 speakers, 2 turns",)))
    assert ">按“手工标签”读取：2 位说话人，2 个话轮<" in coder.get("/interviews").text
    coder.send("/choose", language="en", back="interviews")
    assert ">read as labels, 2 speakers, 2 turns<" in coder.get("/interviews").text


def test_a_search_without_a_hit_says_what_to_try(coder):
    assert "放宽上面的条件" in coder.get("/search", q="青花瓷").text
    assert "放宽上面的条件" not in coder.get("/search", q="外婆").text


@pytest.mark.slow
def test_a_line_of_a_hundred_thousand_characters_makes_a_small_page(tmp_path):
    text = "访谈者：说说吧。\n小麦：" + "我放学就去地里帮外婆拔草，拔完才写作业。" * 5000 + "\n"
    with (
        Study.create(tmp_path / "l.lbc", [transcript("K07", text, ("小麦", Role.CHILD))], book()) as study,
        opened(study) as coder,
    ):
        middle = study.passages[len(study.passages) // 2]
        page = coder.get("/code", p=middle.id)
        assert page.status_code == 200
        assert len(page.text) < 250_000
        assert middle.text in page.text


def test_codes_that_left_the_codebook_do_not_break_a_page(study, coder):
    coder.decide(study.passages[0].id, only="longing")
    kept = tuple(code for code in book().codes if code.id != "homework")
    study.add_codebook(dataclasses.replace(book("2"), codes=kept))
    with opened(study) as later:
        assert later.get("/code", p=study.passages[1].id).status_code == 200


def test_colours_that_are_none_become_grey_and_ink_can_be_read():
    codes = tuple(dataclasses.replace(c, colour="url(x)") for c in book().codes)
    assert "url" not in Renderer(dataclasses.replace(book(), codes=codes)).colours()
    assert (ink_on("#FFEEAA"), ink_on("#101060")) == ("#000000", "#ffffff")
    assert str(exact("a\r\n\0&")) == "a&#13;\n\ufffd&amp;"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "taught"),
    [([("accepted", ("longing",), "李")], ("longing",)), ([("rejected", (), "李")], None), ([], None),
     ([("accepted", (), "李")], ()), ([("accepted", ("longing",), "李"), ("rejected", (), "王")], ("longing",)),
     ([("accepted", ("longing", "school"), "李"), *(("changed", ("school",), who) for who in "王周")], ("school",)),
     ([("accepted", ("longing",), "李"), ("changed", ("school",), "adjudication:王")], ("school",))],
)  # fmt: skip
def test_what_a_passage_teaches(study, given, taught):
    decided = []
    for verdict, codes, who in given:
        coder, adjudication = coder_from_label(who)
        decided.append(decision(study, 0, verdict, *codes, coder=coder, adjudication=adjudication))
    assert taught_codes(decided) == taught


def test_that_no_code_applies_is_taught(study):
    assert taught_codes([decision(study, 0, "rejected", no_code=True)]) == ()


def test_what_is_open_can_be_saved_where_another_study_took_its_place(study, coder, tmp_path):
    coder.decide(study.passages[0].id, only="longing")
    other = tmp_path / "other.lbc"
    study.backup(other)
    with Study.open(other) as theirs:
        theirs.record_memo(Memo(text="另一份", coder="王", about="study"))
        theirs.record_memo(Memo(text="又一份", coder="王", about="study"))
    coder.decide(study.passages[1].id, only="homework")
    other.replace(study.path)
    looked = coder.get("/code")
    assert looked.status_code == 400
    assert "另存一份" in looked.text
    assert "已另存为" in coder.send("/save-copy").text


@pytest.mark.slow
def test_a_study_that_was_moved_away_is_said_and_can_be_saved_elsewhere(study, coder):
    coder.decide(study.passages[0].id, only="longing")
    second = coder.get("/code", p=study.passages[1].id)
    study.path.rename(study.path.with_name("away.lbc"))
    assert passage_of(second) == study.passages[1].id
    for page in ("/code", "/interviews", "/memos", "/codebook"):
        looked = coder.get(page)
        assert looked.status_code == 400, page
        assert "另存一份" in looked.text, page
    answer = coder.send("/decide", passage=study.passages[1].id, only="homework")
    assert answer.status_code == 400
    assert 'action="save-copy"' in answer.text
    saved = coder.send("/save-copy")
    assert "已另存为" in saved.text
    (copy,) = [p for p in study.path.parent.glob("*.lbc") if p.name not in {"away.lbc", study.path.name}]
    with Study.open(copy) as found:
        assert [d.code_ids for d in found.decisions()] == [("longing",)]
