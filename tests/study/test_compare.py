"""What a rejected suggestion says about agreement, and what does not count."""

import pytest
from study_samples import decision, suggested_study

from lbc_themes.core.errors import InputError
from lbc_themes.study.compare import compare


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
