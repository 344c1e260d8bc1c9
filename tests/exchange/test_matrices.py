"""Matrices of what people coded: by attribute, interview, other codes and the parts of theories."""

import docx
import pytest
from study_samples import book, code, decision, made, transcript

from lbc_themes.codebook import load_codebook
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook, Coding, Role, Transcript, Turn
from lbc_themes.exchange import (
    code_by_attribute,
    code_by_code,
    code_by_interview,
    facet_by_role,
    facet_evidence,
    facets_of,
    write_quotations,
)
from lbc_themes.exchange.matrices import NOT_STATED, facet_name, facet_value_name
from lbc_themes.study import Study


@pytest.fixture
def coded(study):
    study.record(decision(study, 0, "accepted", "longing", "school"))
    study.record(decision(study, 1, "changed", "longing"))
    study.record(decision(study, 2, "changed", "homework"))
    study.record(decision(study, 2, "changed", "homework", coder="王"))
    return study


def counts(matrix, of="quotations"):
    return {(r, c): n for r in matrix.rows for c in matrix.columns if (n := matrix.count(r, c, of))}


def test_codes_by_an_attribute_count_words_and_people_and_no_suggestion(coded):
    matrix = code_by_attribute(coded.contents(), "gender")
    assert matrix.rows == ("longing", "school", "homework")
    assert counts(matrix) == {("longing", "女"): 2, ("school", "女"): 1, ("homework", "男"): 1}
    assert counts(matrix, "participants") == {("longing", "女"): 1, ("school", "女"): 1, ("homework", "男"): 1}
    assert [quote.participant for quote in matrix.quotations("longing", "女")] == ["K01", "K01"]
    assert matrix.quotations("homework")[0].coders == ("李", "王")


def test_what_the_machine_suggests_is_counted_nowhere(study):
    contents = study.contents()
    assert study.codings() != []
    assert code_by_interview(contents).rows == ()
    assert code_by_code(contents).rows == ()
    assert code_by_attribute(contents, "role").rows == ()


def test_the_role_is_that_of_who_speaks_and_columns_stand_in_its_order(coded):
    matrix = code_by_attribute(coded.contents(), "role")
    assert matrix.columns == ("child", "teacher")
    assert counts(matrix)["homework", "teacher"] == 1


def test_ages_stand_in_the_order_of_numbers_and_who_has_none_is_apart(coded):
    coded.record(decision(coded, 0, "changed", "homework", coder="王"))
    matrix = code_by_attribute(coded.contents(), "age")
    assert matrix.columns == ("10", NOT_STATED)
    coded.set_participant("L01", {"age": "9"})
    assert code_by_attribute(coded.contents(), "age").columns == ("9", "10")


def test_an_attribute_of_people_who_were_interviewed_together_is_stated_where_all_share_it(tmp_path):
    text = "访谈者：怎么样？\n甲：想我妈。\n乙：我也想。\n"
    group = transcript("G01", text, ("甲", Role.CHILD), ("乙", Role.CHILD), participant="K1; K2")
    with Study.create(tmp_path / "g.lbc", [group], book()) as study:
        for participant, gender in zip(study.participants, "男女", strict=True):
            study.set_participant(participant.id, {"gender": gender, "grade": "5"})
        study.record(decision(study, 0, "changed", "longing"))
        assert code_by_attribute(study.contents(), "gender").columns == (NOT_STATED,)
        assert code_by_attribute(study.contents(), "grade").columns == ("5",)


def test_codes_by_interview_name_every_interview_and_can_hold_what_is_below(coded):
    assert counts(code_by_interview(coded.contents())) == {
        ("longing", "K01"): 2, ("school", "K01"): 1, ("homework", "L01"): 1,
    }  # fmt: skip
    below = code_by_interview(coded.contents(), below=True)
    assert below.rows == ("feeling", "longing", "school", "homework")
    assert below.count("feeling", "K01") == 2
    assert below.count("school", "L01") == 1


def test_words_are_of_who_says_them_where_one_turn_follows_the_other_without_a_gap(tmp_path):
    teacher = Turn(speaker="师", role=Role.TEACHER, start=0, end=5)
    child = Turn(speaker="生", role=Role.CHILD, start=5, end=9)
    said = Transcript(id="T01", text="他好点了。我想妈。", turns=(teacher, child))
    with Study.create(tmp_path / "t.lbc", [said], book()) as study:
        study.record_coding(Coding(transcript_id="T01", start=5, end=9, code_id="longing", coder="李"))
        assert code_by_attribute(study.contents(), "role").columns == ("child",)


def test_only_the_chosen_coder_counts(coded):
    matrix = code_by_interview(coded.contents(), coders=("王",))
    assert counts(matrix) == {("homework", "L01"): 1}


def test_codes_together_come_from_the_same_coder(coded):
    assert counts(code_by_code(coded.contents())) == {("longing", "school"): 1, ("school", "longing"): 1}
    coded.record(decision(coded, 1, "changed", "help.positive", coder="王"))
    assert ("longing", "help.positive") not in counts(code_by_code(coded.contents()))


def test_near_reaches_as_many_passages_as_asked_and_never_another_interview(coded):
    coded.record(decision(coded, 1, "changed", "help.positive"))
    near = counts(code_by_code(coded.contents(), "near"))
    assert near["longing", "help.positive"] == near["help.positive", "longing"] == 1
    assert ("help.positive", "homework") not in near
    assert ("longing", "help.positive") not in counts(code_by_code(coded.contents(), "near", distance=0))


def test_in_the_same_answer_is_where_the_same_question_was_asked(tmp_path):
    from dataclasses import replace

    with made(tmp_path) as study:
        passages = [replace(p, question="q" if n < 2 else "") for n, p in enumerate(study.passages)]
        contents = replace(study.contents(), passages=tuple(passages))
        for number, code_id in enumerate(("longing", "school", "homework")):
            study.record(decision(study, number, "changed", code_id))
        contents = replace(contents, entries=study.contents().entries)
    together = counts(code_by_code(contents, "answer"))
    assert together == {("longing", "school"): 1, ("school", "longing"): 1}
    apart = replace(contents, passages=tuple(replace(p, question="") for p in passages))
    assert counts(code_by_code(apart, "answer")) == {}


def test_a_code_on_part_of_a_passage_overlaps_with_the_whole(coded):
    first = coded.passages[0]
    span = Coding(transcript_id="K01", start=first.start + 2, end=first.start + 4, code_id="homework", coder="李")
    coded.record_coding(span)
    together = code_by_code(coded.contents())
    assert together.count("homework", "longing") == 1
    assert together.quotations("homework", "longing")[0].text == coded.transcript("K01").text[span.start : span.end]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "words"),
    [(lambda c: code_by_attribute(c, "shoe"), "no participant has the attribute 'shoe'; there are role"),
     (lambda c: code_by_code(c, "far"), "relation is 'far'; allowed are overlapping, near, answer"),
     (lambda c: code_by_code(c, "near", distance=-1), "distance is -1"),
     (lambda c: facet_evidence(c, "maslow"), "no facet 'maslow'; there are none")],
)  # fmt: skip
def test_what_is_refused(coded, call, words):
    with pytest.raises(InputError, match=words):
        call(coded.contents())


def test_frames_hold_the_counts(coded):
    frame = code_by_attribute(coded.contents(), "gender").to_frame("participants")
    assert frame.loc["longing", "女"] == 1
    assert frame.loc["longing", "男"] == 0
    assert list(frame.index) == ["longing", "school", "homework"]


# --- Parts of theories.


def with_facets(folder):
    codes = (
        code("a", "想念", "longing", facets={"maslow": ("belonging", "safety"), "mood": ("low",)}),
        code("b", "作业", "homework", facets={"maslow": ("esteem",)}), code("c", "饿", "hunger"),
    )  # fmt: skip
    study = made(folder)
    study.add_codebook(Codebook(id="f", version="1", name=book().name, codes=codes))
    study.record(decision(study, 0, "changed", "a"))
    study.record(decision(study, 2, "changed", "a", "c"))
    return study


def test_each_part_of_a_theory_says_who_supports_it_and_what_nothing_supports(tmp_path):
    with with_facets(tmp_path) as study:
        contents = study.contents()
    assert list(facets_of(contents.codebook)) == ["maslow", "mood"]
    evidence = facet_evidence(contents, "maslow")
    assert [e.value for e in evidence] == ["physiological", "safety", "belonging", "esteem", "self_actualisation"]
    assert [e.participants for e in evidence] == [(), ("K01", "L01"), ("K01", "L01"), (), ()]
    assert evidence[3].unsupported == ("b",)
    assert evidence[0].codes == ()
    matrix = facet_by_role(contents, "maslow")
    assert matrix.columns == ("child", "teacher")
    assert counts(matrix) == {(v, r): 1 for v in ("safety", "belonging") for r in ("child", "teacher")}
    assert (facet_name("mood").zh, facet_value_name("mood", "low").zh) == ("mood", "low")


def test_the_reference_codebook_has_five_theories_and_the_model_and_each_has_a_name():
    facets = facets_of(load_codebook("left-behind-children"))
    theories = {"intervention", "maslow", "attachment", "level", "social_support", "coping_maturity", "coping_focus"}
    assert theories < set(facets)
    for facet, values in facets.items():
        assert facet_name(facet).zh != facet
        for value, codes in values.items():
            assert facet_value_name(facet, value).zh != value
            assert codes != (), (facet, value)


def test_the_word_report_says_what_supports_each_part(tmp_path):
    with with_facets(tmp_path) as study:
        write_quotations(study.contents(), tmp_path / "q.docx")
    page = docx.Document(str(tmp_path / "q.docx"))
    assert "理论与模型各部分的依据" in [p.text for p in page.paragraphs]
    rows = [[cell.text for cell in row.cells] for row in page.tables[1].rows]
    assert rows[0] == ["部分", "受访者和引文数", "引文（至多三处）", "没有引文的编码"]
    assert rows[1][:2] == ["生理", "没有引文支持"]
    assert rows[2][:2] == ["安全", "2 人，2 处\nK01、L01"]
    assert "(L01)" in rows[2][2]
    assert rows[4] == ["尊重", "没有引文支持", "", "作业"]
