"""The dashboard says how the study stands, without making anybody wait."""

import sys
import threading
from urllib.parse import quote

import pytest
from review_pages import opened, patiently
from study_samples import book, decision, transcript

from lbc_themes.core.records import Coding, Role, Suggestion
from lbc_themes.study import FoundTheme, Study, StudyThemes


@pytest.fixture
def coder(study):
    with opened(study) as coder:
        yield coder


def test_agreement_counts_people_on_passages_that_both_decided(study, coder):
    for number, code in enumerate(("longing", "homework", "school")):
        coder.decide(study.passages[number].id, code=[code])
    for number, code in enumerate(("longing", "homework")):
        study.record(decision(study, number, "accepted", code, coder="王"))
        study.record(decision(study, number, "changed", "help.negative", coder="王", adjudication=True))
    page = coder.part("agreement").text
    assert "<td>2</td>" in page
    assert "没帮上" not in page
    assert "1.00" in page


def test_a_passage_that_a_coder_has_not_come_to_is_missing_and_not_without_a_code(study, coder):
    for name, many in (("甲", 2), ("乙", 2), ("丙", 1)):
        for number, code in enumerate(("longing", "school")[:many]):
            study.record(decision(study, number, "changed", code, coder=name))
    page = coder.part("agreement").text
    assert page.count("<td>1.00</td>") == 4 * 5
    assert "0.67" not in page
    assert "<td>1.00 / 0.50 / 0.50</td>" in page


def test_codes_on_parts_of_passages_count_for_agreement(study, coder):
    for name in ("甲", "乙"):
        study.record(decision(study, 0, "changed", "longing", coder=name))
    first = study.passages[0]
    study.record_coding(
        Coding(transcript_id="K01", start=first.start + 1, end=first.start + 4, code_id="school", coder="甲")
    )
    page = coder.part("agreement").text
    assert "学校" in page
    assert "<td>0.00 / 1.00</td>" in page


def test_the_dashboard_counts(study, coder):
    coder.decide(study.passages[0].id, code=["longing"])
    study.record(decision(study, 0, "accepted", "school", coder="王"))
    page = coder.get("/dashboard").text
    assert all(words in page for words in ("王", "<b>1</b>段编码不同", "<b>0</b>段已裁定"))
    codes = coder.part("codes").text
    assert all(words in codes for words in ("想念", "学校", "王", "儿童 1", "用到 2 个编码，另有 4 个没有用到"))
    assert "累计到 2 个" in coder.part("saturation").text
    study.record(decision(study, 0, "changed", "homework", coder="王", adjudication=True))
    assert "<b>1</b>段已裁定" in coder.get("/dashboard").text
    assert "用到 3 个编码" in coder.part("codes").text


def test_taking_a_decision_back_ends_the_difference(study, coder):
    study.record(decision(study, 0, "accepted", "school", coder="王"))
    coder.decide(study.passages[0].id, code=["longing"])
    assert "1 段编码不同" in coder.get("/adjudicate").text
    coder.get("/code")
    coder.send("/undo")
    assert "0 段编码不同" in coder.get("/adjudicate").text


def test_the_last_figures_stay_until_newer_ones_are_reckoned(study, coder, monkeypatch):
    from lbc_themes.review.routes import dashboard

    reckon = dashboard.agreement_so_far

    for name in ("李", "王"):
        study.record(decision(study, 0, "accepted", "longing", coder=name))
    assert "1.00" in coder.part("agreement").text
    gate = threading.Event()
    monkeypatch.setattr(dashboard, "agreement_so_far", lambda *board: gate.wait(20) and reckon(*board))
    study.record(decision(study, 0, "accepted", "school", coder="王"))
    meanwhile = coder.get("/dashboard/agreement").text
    assert "1.00" in meanwhile
    assert "重新计算" in meanwhile
    gate.set()
    assert "-1.00" in coder.part("agreement").text


def test_a_figure_that_fails_is_said_and_the_rest_of_the_page_stands(coder, monkeypatch):
    from lbc_themes.review.routes import dashboard

    monkeypatch.setattr(dashboard, "agreement_so_far", lambda *_: 1 / 0)
    assert "没有算出：ZeroDivisionError" in coder.part("agreement").text
    assert coder.part("codes").status_code == 200


def test_themes_are_shown_beside_the_codebook_with_a_typical_passage(study, coder):
    assert "还没有归并过主题" in coder.part("themes").text
    first, second = study.passages[:2]
    theme = FoundTheme(
        id=0, name="想妈妈", keywords=("妈妈", "晚上"), passages=(first.id, second.id), typical=(second.id,),
        participants=1, stability=0.75, status="covered", codes=("longing",),
    )  # fmt: skip
    study.add_themes(StudyThemes(encoder="fake.v1", seed=0, passages=len(study.passages) - 1, themes=(theme,)))
    words = coder.part("themes").text
    assert all(said in words for said in ("想妈妈", "妈妈、晚上", "0.75", "编码本里已有", "想念", second.id))
    assert "研究里的段落已经变了" in words


def test_themes_are_found_in_a_process_of_their_own_and_its_failure_is_said(study):
    from lbc_themes.review.background import ThemeSearch

    script = "import sys; sys.stderr.write('first\\nno such encoder\\n'); sys.exit(2)"
    finder = ThemeSearch(study, encoder="fake.v1", cache=None, command=[sys.executable, "-c", script])
    themes, running, fault = finder.found(5)
    assert (themes, running, fault) == (None, True, "")
    for _ in patiently():
        _, running, fault = finder.found(5)
        if not running:
            break
    assert fault == "no such encoder"
    assert finder.found(5) == (None, False, "no such encoder")


def test_distress_is_shown_beside_the_passage_and_on_the_dashboard(tmp_path):
    text = "访谈者：你还好吗？\n小麦：有时候我不想活了，谁也没告诉。\n"
    with (
        Study.create(tmp_path / "d.lbc", [transcript("K09", text, ("小麦", Role.CHILD))], book()) as study,
        opened(study) as coder,
    ):
        assert "不想活" in "".join(coder.page.text.split('class="distress"')[1:])
        assert "K09:0001" in coder.part("distress").text


def test_flags_of_no_clear_kind_are_shown_apart(study, monkeypatch):
    from lbc_themes.review import workspace
    from lbc_themes.safeguards.distress import DistressCue, DistressKind

    kinds = {study.passages[0].id: DistressKind.SUICIDE, study.passages[1].id: DistressKind.UNCLEAR}
    texts = {p.text: kinds.get(p.id) for p in study.passages}

    def cues(text):
        kind = texts[text]
        return (DistressCue(kind=kind, start=0, end=2, text=text[:2], strength=0.2),) if kind else ()

    monkeypatch.setattr(workspace, "distress_cues", cues)
    with opened(study) as coder:
        plain, _, unclear = coder.part("distress").text.partition("<details>")
    assert study.passages[0].id in plain
    assert study.passages[1].id not in plain
    assert "说不清哪一类的 1 段" in unclear
    assert study.passages[1].id in unclear


def test_passages_to_look_at_first_are_listed_with_their_words_and_never_called_small_talk(tmp_path):
    text = "访谈者：最近怎么样？\n小麦：我不想活了，活着没意思。\n访谈者：吃饭了吗？\n小麦：嗯，吃了面条。\n"
    with Study.create(tmp_path / "d.lbc", [transcript("K05", text, ("小麦", Role.CHILD))], book()) as study:
        first = study.passages[0].id
        study.add_suggestions([Suggestion(passage_id=first, codes=(), reason="nothing-fits")], run="a")
        with opened(study) as coder:
            listed = coder.part("distress").text
            assert "<mark>不想活" in listed
            assert "我不想活了，活着没意思。" in listed.replace("<mark>", "").replace("</mark>", "")
            interviews = coder.get("/interviews").text
            assert f'class="risk-mark" href="code?p={quote(first, safe="")}"' in interviews
            page = coder.get("/code", p=first).text
            assert "像闲聊" not in page
            assert "请先看" in page
            assert 'class="risk-mark"' in page
