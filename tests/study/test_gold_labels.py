"""What people's decisions teach: majorities, ties, adjudication, and what says nothing."""

import pytest

from lbc_themes.core.records import Decision, Verdict
from lbc_themes.study.gold_labels import taught_codes


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
