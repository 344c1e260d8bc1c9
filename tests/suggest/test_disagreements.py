"""Likely slips of a coder, and codes that are mixed up."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from learning_texts import BigramEncoder, coded, passages_of

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook, Coding, Passage
from lbc_themes.suggest import CodeSuggester, Disagreements
from lbc_themes.suggest.disagreements import coded_sets, disagreements_of

TEXTS, SETS, _ = coded()
PASSAGES = [dataclasses.replace(p, transcript_id=f"t{n // 40}") for n, p in enumerate(passages_of(TEXTS))]


def codings(sets: list[list[str]], coder: str = "甲") -> list[Coding]:
    return [
        Coding(transcript_id=p.transcript_id, start=p.spans[0][0], end=p.spans[0][1], code_id=code, coder=coder)
        for p, some in zip(PASSAGES, sets, strict=True)
        for code in some
    ]


def found(codebook: Codebook, sets: list[list[str]]) -> Disagreements:
    return CodeSuggester(codebook, encoder=BigramEncoder()).disagreements(codings(sets), PASSAGES)


def with_slips(rows: dict[int, list[str]]) -> list[list[str]]:
    return [rows.get(number, some) for number, some in enumerate(SETS)]


def test_planted_slips_come_first_with_the_code_that_was_meant(four_codes: Codebook) -> None:
    planted = {10: ["family"], 51: ["study"], 97: [], 132: ["illness"]}
    assert all(SETS[row] != some for row, some in planted.items())
    slips = found(four_codes, with_slips(planted)).slips
    first = {slip.passage_id: slip for slip in slips[: len(planted) + 1]}
    for row, given in planted.items():
        slip = first[PASSAGES[row].id]
        assert slip.given == tuple(given)
        assert slip.expected == SETS[row][0]
        assert 0 < slip.doubt <= 1
    assert [slip.doubt for slip in slips] == sorted((slip.doubt for slip in slips), reverse=True)


def test_a_careful_coder_is_asked_about_little(four_codes: Codebook) -> None:
    assert len(found(four_codes, SETS).slips) <= 3


def test_codes_that_are_used_for_one_another_are_named_with_their_passages(four_codes: Codebook) -> None:
    rows = [row for row, some in enumerate(SETS) if some == ["money"]][::3]
    pairs = found(four_codes, with_slips({row: ["study"] for row in rows})).mixed_up
    assert pairs[0].codes == ("study", "money")
    assert len(pairs[0].passages) >= 5
    assert pairs[0].share == len(pairs[0].passages) / 80
    assert set(pairs[0].passages) <= {p.id for p, some in zip(PASSAGES, SETS, strict=True) if "money" in some}


def test_nothing_is_changed(four_codes: Codebook) -> None:
    suggester = CodeSuggester(four_codes, encoder=BigramEncoder()).fit(TEXTS[:40], SETS[:40])
    before = suggester.rank(TEXTS).tobytes()
    suggester.disagreements(codings(SETS), PASSAGES)
    assert suggester.coded_ == 40
    assert suggester.rank(TEXTS).tobytes() == before


def test_passages_that_all_carry_nothing_leave_nothing_to_say(four_codes: Codebook) -> None:
    stray = Coding(transcript_id="elsewhere", start=0, end=5, code_id="family", coder="甲")
    nothing = CodeSuggester(four_codes, encoder=BigramEncoder()).disagreements([stray], PASSAGES)
    assert nothing == Disagreements(slips=(), mixed_up=())


def left_out(*rows: tuple[float, ...]) -> SimpleNamespace:
    """Return what stands in for a learner: its left-out log-odds, given as probabilities."""
    return SimpleNamespace(left_out_=np.log(np.array(rows) / (1 - np.array(rows))))


def test_a_slip_is_a_code_likelier_than_not_and_likelier_than_one_that_was_given() -> None:
    """Codes a, b, c: given, and what the others speak for."""
    learner = left_out((0.2, 0.9, 0.1), (0.6, 0.55, 0.1), (0.1, 0.5, 0.2), (0.1, 0.2, 0.7), (0.1, 0.8, 0.6))
    targets = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0], [1, 0, 1]], float)
    slips = disagreements_of(PASSAGES[:5], ["a", "b", "c"], targets, learner).slips
    assert sorted((slip.passage_id, slip.given, slip.expected) for slip in slips) == [
        (PASSAGES[0].id, ("a",), "b"),
        (PASSAGES[3].id, (), "c"),
        (PASSAGES[4].id, ("a", "c"), "b"),
    ]
    assert [slip.doubt for slip in slips] == pytest.approx([0.7, 0.7, 0.7])


def test_codes_are_mixed_up_where_it_happens_twice_whichever_way_round() -> None:
    learner = left_out((0.2, 0.4, 0.1), (0.4, 0.2, 0.1), (0.8, 0.1, 0.1), (0.1, 0.1, 0.9), (0.1, 0.3, 0.05))
    targets = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1]], float)
    found = disagreements_of(PASSAGES[:5], ["a", "b", "c"], targets, learner)
    assert found.slips == ()
    assert [(each.codes, each.passages) for each in found.mixed_up] == [(("a", "b"), (PASSAGES[0].id, PASSAGES[1].id))]
    assert found.mixed_up[0].share == pytest.approx(2 / 3)


def test_pairs_that_are_mixed_up_by_a_greater_share_come_first() -> None:
    rows = [(0.2, 0.4, 0.1)] * 2 + [(0.1, 0.2, 0.4)] * 2 + [(0.8, 0.1, 0.1)] * 3
    targets = np.array([[1, 0, 0]] * 2 + [[0, 1, 0]] * 2 + [[1, 0, 0]] * 3, float)
    found = disagreements_of(PASSAGES[:7], ["a", "b", "c"], targets, left_out(*rows)).mixed_up
    assert [(each.codes, each.share) for each in found] == [(("b", "c"), 1.0), (("a", "b"), pytest.approx(2 / 7))]


@pytest.mark.parametrize(
    ("start", "end", "counts"),
    [(0, 10, True), (0, 5, True), (0, 4, True), (8, 30, False), (5, 30, True), (10, 20, False), (2, 5, True)],
)
def test_a_coding_counts_where_it_has_half_of_the_passage_or_of_itself_there(
    start: int, end: int, counts: bool
) -> None:
    passage = dataclasses.replace(PASSAGES[0], text="一二三四五六七八九十", spans=((0, 10),))
    coding = Coding(transcript_id="t0", start=start, end=end, code_id="family", coder="甲")
    assert coded_sets([coding], [passage]) == [{"family"} if counts else set()]


def test_a_back_channel_inside_a_passage_does_not_count_for_it() -> None:
    passage: Passage = dataclasses.replace(PASSAGES[0], text="一二三四五六", spans=((0, 3), (20, 23)))
    coding = Coding(transcript_id="t0", start=3, end=20, code_id="family", coder="甲")
    assert coded_sets([coding], [passage]) == [set()]


def test_codings_of_several_coders_or_of_none_are_refused(four_codes: Codebook) -> None:
    suggester = CodeSuggester(four_codes, encoder=BigramEncoder())
    with pytest.raises(InputError, match=r"^disagreements takes the codings of one coder; got 2: 乙, 甲$"):
        suggester.disagreements([*codings(SETS), *codings(SETS, "乙")], PASSAGES)
    with pytest.raises(InputError, match=r"^disagreements takes the codings of one coder; got 0: none$"):
        suggester.disagreements([], PASSAGES)
