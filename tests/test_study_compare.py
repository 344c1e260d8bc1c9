"""What a rejected suggestion says about agreement, and what does not count."""

import pytest
from study_samples import decision, suggested_study

from lbc_themes.exchange.contents import NOTHING
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
    study.record(decision(study, 1, "rejected", coder="王", memo=NOTHING))
    table = compared(study, leave_rejected=True)
    assert (table.overall.units, percent(table)) == (2, 0.5)
    assert not [each for each in compared(study).notices if each.topic == "rejected-counted"]
