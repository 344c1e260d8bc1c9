"""What a rejected suggestion says about agreement, and what does not count."""

import pytest
from study_samples import book, decision, suggested, suggested_study, transcript

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Role
from lbc_themes.study import Study
from lbc_themes.study.compare import compare, mixed_up_rows


@pytest.fixture
def study(tmp_path):
    """Two people agree on the first passage; on the second one gave a code and the other turned it down."""
    with suggested_study(tmp_path) as study:
        for who in ("李", "王"):
            study.record(decision(study, 0, "accepted", "longing", coder=who))
        study.record(decision(study, 1, "accepted", "homework", coder="李"))
        study.record(decision(study, 1, "rejected", coder="王"))
        yield study


def compared(study, **more):
    return compare(study, machine=False, draws=0, **more)


def percent(table):
    return table.overall.measures["percent"].value


def test_a_rejection_counts_as_no_code_and_is_counted_in_a_notice(study):
    table = compared(study)
    assert (table.overall.units, percent(table)) == (2, 0.5)
    (notice,) = [each for each in table.notices if each.topic == "rejected-counted"]
    assert "王 1" in notice.text.en


def test_rejections_can_be_left_out(study):
    table = compared(study, leave_rejected=True)
    assert (table.overall.units, percent(table)) == (1, 1.0)
    assert not [each for each in table.notices if each.topic == "rejected-counted"]


def test_that_no_code_applies_is_an_answer_and_stays(study):
    study.record(decision(study, 1, "rejected", coder="王", no_code=True))
    table = compared(study, leave_rejected=True)
    assert (table.overall.units, percent(table)) == (2, 0.5)
    assert not [each for each in compared(study).notices if each.topic == "rejected-counted"]


def test_people_who_coded_different_interviews_are_still_compared_with_the_machine(tmp_path):
    with suggested_study(tmp_path) as study:
        study.record(decision(study, 0, "accepted", "longing", coder="李"))
        study.record(decision(study, 2, "changed", "school", coder="王"))
        with pytest.raises(InputError, match="no passage that two of 李, 王 both worked through"):
            compared(study)
        table = compare(study, draws=0)
    assert [row.coders for row in table.rows if row.scope == "overall"] == [("李", "machine"), ("王", "machine")]
    assert [n.text.zh for n in table.notices if n.topic == "not-compared"] == ["李 × 王 没有共同编过的内容，没有比较。"]


def test_people_who_found_nothing_to_code_are_told_so(tmp_path):
    with suggested_study(tmp_path) as study:
        for who in ("李", "王"):
            study.record(decision(study, 0, "rejected", coder=who))
        with pytest.raises(InputError, match="no passage that two of 李, 王 gave a code on"):
            compared(study)


def topics(table):
    return {notice.topic: notice.text for notice in table.notices}


def test_what_only_one_of_two_worked_through_is_left_out_and_counted(tmp_path):
    with suggested_study(tmp_path) as study:
        for number in (0, 1, 2):
            study.record(decision(study, number, "accepted", "longing", coder="李"))
        study.record(decision(study, 0, "accepted", "longing", coder="王"))
        table = compared(study)
        assert table.overall.units == 1
        said = topics(table)["partly-coded"]
        assert "left out: 1." in said.en, "the passage of K01; nobody else worked on L01"
        assert "有 1 个段落" in said.zh
        study.record(decision(study, 1, "accepted", "longing", coder="王"))
        assert "partly-coded" not in topics(compared(study))


def test_a_coder_who_only_coded_words_worked_through_the_whole_interview(tmp_path):
    with suggested_study(tmp_path) as study:
        for number in (0, 1):
            study.record(decision(study, number, "accepted", "longing", coder="李"))
        first = study.passages[0]
        study.record_coding(
            Coding(transcript_id="K01", start=first.start, end=first.end, code_id="longing", coder="王")
        )
        table = compared(study)
        assert (table.overall.units, percent(table)) == (2, 0.5)
        study.record(decision(study, 0, "accepted", "longing", coder="王"))
        assert compared(study).overall.units == 1, "with a decision of theirs only what they decided on counts"


def test_adjudicated_codes_are_compared_only_where_they_are_asked_for(study):
    for number, codes in ((0, ["longing"]), (1, ["homework"])):
        study.record(decision(study, number, "accepted", *codes, coder="周", adjudication=True))
    assert compared(study).coders == ("李", "王")
    table = compared(study, coders=["李", "adjudication:周"])
    assert table.coders == ("李", "adjudication:周")
    assert percent(table) == 1
    with pytest.raises(InputError, match=r"赵 coded nothing; people who coded: adjudication:周, 李, 王"):
        compared(study, coders=["赵"])


def test_choices_reach_the_figures(study):
    table = compare(study, unit="turn", machine=False, include_uncoded=False, draws=7, seed=3)
    assert (table.unit, table.include_uncoded, table.draws, table.seed) == ("turn", False, 7, 3)
    assert table.codes == ("longing", "homework"), "in the order of the codebook"
    assert table.participants == 1
    beside = compare(study, unit="turn", include_uncoded=False, draws=7, seed=3)
    assert (beside.unit, beside.include_uncoded, beside.draws, beside.seed) == ("turn", False, 7, 3)
    assert {row.kind for row in beside.rows} == {"human-human", "human-machine"}


def test_interviews_of_one_person_are_drawn_together(tmp_path):
    said = "访谈者：说说？\n小麦：{}。\n"
    speakers = [("K1", "P1", "想妈妈"), ("K2", "P1", "写不完作业"), ("K3", "P2", "想外婆"), ("K4", "P2", "数羊")]
    texts = [transcript(name, said.format(words), ("小麦", Role.CHILD), participant=p) for name, p, words in speakers]
    with Study.create(tmp_path / "p.lbc", texts, book()) as study:
        for number in range(len(study.passages)):
            for who in ("李", "王"):
                study.record(decision(study, number, "changed", "longing", coder=who))
        assert compared(study).participants == 2


def test_decisions_with_a_suggestion_in_view_are_counted_by_coder(study):
    assert "suggestions-shown" not in topics(compared(study))
    study.record(decision(study, 0, "accepted", "longing", coder="王", time="2025-04-01T08:00:00Z"), run="a")
    said = topics(compared(study))["suggestions-shown"]
    assert ": 王 1/2. They" in said.en
    assert "：王 1/2。" in said.zh


def test_that_the_machine_was_taught_is_said_with_the_most_passages(study):
    for run, taught in (("b", "12"), ("c", "30"), ("d", "7")):
        study.add_suggestions(suggested(study), run=run, options={"taught": taught})
    said = topics(compare(study, draws=0))["machine-taught"]
    assert "(30)" in said.en
    assert " 30 " in said.zh
    assert "machine-taught" not in topics(compared(study))


def test_what_two_coders_mix_up_stands_in_rows_with_its_words(study):
    study.record(decision(study, 1, "changed", "school", coder="王"))
    first, second = study.passages[:2]
    assert mixed_up_rows(study) == [
        ["codes", "times", "transcript", "start", "end", "text", "coder_1", "code_1", "coder_2", "code_2"],
        ["学校 / 作业", "1", "K01", str(second.start), str(second.end), second.text, "李", "homework", "王", "school"],
    ]
    assert mixed_up_rows(study, unit="turn")[1][2:5] == ["K01", str(second.start), str(second.end)]
    with pytest.raises(InputError, match="赵 coded nothing"):
        mixed_up_rows(study, coders=["赵", "李"])
    assert first.text not in str(mixed_up_rows(study, coders=["李", "王"]))
