"""What people's decisions teach: majorities, ties, adjudication, and what says nothing."""

import dataclasses

import pytest
from study_samples import decision

from lbc_themes.core.records import Decision, Verdict
from lbc_themes.study.gold_labels import gold_labels, taught_codes


def given(*codes: str, time: str = "1", adjudication: bool = False, no_code: bool = False) -> Decision:
    verdict = Verdict.CHANGED if codes else Verdict.REJECTED
    return Decision(
        passage_id="p",
        verdict=verdict,
        code_ids=codes,
        coder=time,
        time=time,
        adjudication=adjudication,
        no_code=no_code,
    )


@pytest.mark.parametrize(
    ("decisions", "taught"),
    [
        ([given("a")], ("a",)),
        ([given("a"), given("b")], ("a", "b")),  # a tie: half of those who decided is enough
        ([given("a"), given("a", "b"), given("a", "c")], ("a",)),  # one of three is less than half
        ([given("a", "b"), given("b"), given("c"), given("c", "b")], ("b", "c")),
        ([given("a"), given(no_code=True)], ("a",)),
        ([given("a"), given(no_code=True), given(no_code=True)], ()),
        ([given(no_code=True)], ()),
        ([given()], None),  # turned down, and nothing said of what applies
        ([given(), given("a")], ("a",)),
        ([], None),
    ],
)
def test_a_code_is_taught_that_half_of_those_who_decided_gave(decisions, taught) -> None:
    assert taught_codes(decisions) == taught
    assert taught_codes(decisions[::-1]) == taught


def test_the_newest_adjudication_counts_alone() -> None:
    older, newer = (given(code, time=time, adjudication=True) for code, time in (("b", "2"), ("c", "3")))
    assert taught_codes([given("a"), newer, given("a", time="4"), older]) == ("c",)


def test_a_study_teaches_what_stands_and_no_code_that_its_codebook_lacks(study) -> None:
    first, second, third = (passage.id for passage in study.passages)
    study.record(decision(study, 0, "accepted", "longing"))
    study.record(decision(study, 0, "changed", "longing", "school", coder="王"))
    study.record(decision(study, 1, "rejected", no_code=True))
    study.record(decision(study, 2, "rejected"))
    assert gold_labels(study) == {first: ("longing", "school"), second: ()}
    study.record(decision(study, 2, "changed", "help.negative"))
    assert gold_labels(study)[third] == ("help.negative",)
    study.undo("李")
    study.undo("李")
    assert third not in gold_labels(study)


def test_codes_that_an_earlier_codebook_had_teach_nothing(study, monkeypatch) -> None:
    study.record(decision(study, 0, "accepted", "longing"))
    study.record(decision(study, 1, "changed", "school"))
    left = dataclasses.replace(study.codebook, codes=tuple(c for c in study.codebook if c.id != "longing"))
    monkeypatch.setattr(type(study), "codebook", left)
    assert gold_labels(study) == {study.passages[1].id: ("school",)}
