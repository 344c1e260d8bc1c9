"""Which passages to code next, and when to stop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learning_texts import BigramEncoder, coded, passages_of

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook
from lbc_themes.suggest import Changes, CodeSuggester
from lbc_themes.suggest.active_learning import CANDIDATES, most_telling, uncertainty

TEXTS, SETS, GROUPS = coded()
TEXTS = [f"{text[:-1]}，{text}" for text in TEXTS]


@pytest.fixture
def new(four_codes: Codebook) -> CodeSuggester:
    return CodeSuggester(four_codes, encoder=BigramEncoder())


def test_a_text_with_two_codes_alike_is_the_least_sure() -> None:
    unsure = uncertainty(np.array([[3.0, 3.0, -3.0], [3.0, -3.0, -3.0], [-3.0, -3.0, -3.0]]))
    assert unsure[0] == unsure[2] == 1
    assert unsure[1] < 0.1


def test_the_first_asked_for_is_the_least_sure_and_the_next_lies_far_from_it() -> None:
    logits = np.array([[2.0, 2.0], [2.0, 1.99], [2.0, 1.9], [4.0, -4.0]])
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    assert most_telling(logits, vectors, 2) == [0, 2]
    assert most_telling(logits, vectors, 1) == [0]


def test_of_texts_alike_the_first_is_asked_for_and_the_next_ones_by_uncertainty_times_distance() -> None:
    """Directions at 0, 20, 40 and 50 degrees: their distances from the first are .35, .68 and .85."""
    angles, lengths = np.radians([0, 20, 40, 50]), np.array([5.0, 1.0, 0.1, 3.0])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1) * lengths[:, None]
    even = np.zeros((4, 2))
    assert most_telling(even, vectors, 4) == [0, 3, 1, 2]
    assert most_telling(even + np.array([[0.0, 0.0]] * 3 + [[0.7, 0.0]]), vectors, 2) == [0, 3]
    assert most_telling(even + np.array([[0.0, 0.0]] * 3 + [[0.9, 0.0]]), vectors, 2) == [0, 2]


def test_beyond_a_distance_of_one_the_less_sure_is_asked_for() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    assert most_telling(np.array([[0.0, 0.0], [0.1, 0.0], [0.2, 0.0]]), vectors, 3) == [0, 1, 2]


def test_five_uncertain_texts_are_looked_at_for_each_that_is_chosen() -> None:
    logits = np.array([[0.1 * row, 0.0] for row in range(7)])
    vectors = np.array([*[[1.0, 0.0]] * 4, [0.9, 0.1], [0.0, 1.0], [0.0, 1.0]])
    assert most_telling(logits, vectors, 1) == [0]
    assert most_telling(logits, vectors, 2)[1] == 5
    assert most_telling(np.concatenate([np.zeros((10, 2)), logits[1:]]), np.ones((16, 2)), 2)[1] < 10


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 12))
def test_as_many_as_asked_for_are_chosen_none_twice_all_among_the_least_sure(seed: int, texts: int, n: int) -> None:
    chance = np.random.default_rng(seed)
    logits, vectors = chance.normal(size=(texts, 3)), chance.normal(size=(texts, 4))
    chosen = most_telling(logits, vectors, n)
    assert len(chosen) == len(set(chosen)) == min(n, texts)
    assert set(chosen) <= set(np.argsort(-uncertainty(logits))[: CANDIDATES * n].tolist())


def test_blank_vectors_are_taken() -> None:
    assert len(most_telling(np.zeros((4, 2)), np.zeros((4, 3)), 3)) == 3


def test_what_a_suggester_asks_for_are_passages_with_something_said(new: CodeSuggester) -> None:
    passages = passages_of(["嗯嗯。", *TEXTS[:40], "对。"])
    asked = new.fit(TEXTS[40:80], SETS[40:80]).next_to_code(passages, n=10)
    assert len(asked) == 10
    assert not {passages[0].id, passages[-1].id} & {passage.id for passage in asked}
    assert new.next_to_code(passages_of(["嗯嗯。"])) == []
    assert new.next_to_code([]) == []


def test_vectors_at_hand_lead_to_the_same_passages(new: CodeSuggester) -> None:
    passages = passages_of(["对。", *TEXTS[:40]])
    vectors = BigramEncoder().encode([passage.text for passage in passages])
    new.fit(TEXTS[40:80], SETS[40:80])
    assert new.next_to_code(passages, 5, vectors) == new.next_to_code(passages, 5)


def test_coding_what_is_asked_for_teaches_a_code_that_was_not_known(new: CodeSuggester) -> None:
    known = [row for row, some in enumerate(SETS) if some != ["illness"]][:60]
    new.fit([TEXTS[row] for row in known], [SETS[row] for row in known])
    rest = [row for row in range(160) if row not in known]
    asked = new.next_to_code(passages_of([TEXTS[row] for row in rest]), n=10)
    position = {text: SETS[row] for row, text in enumerate(TEXTS)}
    assert sum(position[passage.text] == ["illness"] for passage in asked) >= 3


# When to stop


@pytest.mark.slow
def test_changes_grow_small_as_more_is_coded(new: CodeSuggester) -> None:
    passages = passages_of(TEXTS)
    early = new.fit(TEXTS[:13], SETS[:13]).still_changing(passages, step=4)
    late = new.fit(TEXTS, SETS, GROUPS).still_changing(passages, step=4)
    assert (early.coded, late.coded) == ((1, 5, 9, 13), (148, 152, 156, 160))
    assert len(early.shares) == 3
    assert not early.settled
    assert late.settled
    assert sum(late.shares) < sum(early.shares)


def test_the_last_share_is_what_the_last_round_changed(new: CodeSuggester) -> None:
    found = new.fit(TEXTS[:20], SETS[:20]).still_changing(passages_of(TEXTS), step=10, rounds=1)
    before = CodeSuggester(new.codebook, encoder=BigramEncoder()).fit(TEXTS[:10], SETS[:10]).rank(TEXTS).argmax(axis=1)
    assert found.shares == ((before != new.rank(TEXTS).argmax(axis=1)).mean(),)
    assert new.coded_ == 20


@pytest.mark.parametrize(("shares", "settled"), [((0.0, 0.02), True), ((0.0, 0.03), False), ((0.5, 0.0), False)])
def test_settled_means_that_no_round_changed_more_than_one_in_fifty(shares: tuple[float, ...], settled: bool) -> None:
    assert Changes(coded=(1, 2, 3), shares=shares).settled is settled


def test_what_cannot_be_compared_is_refused(new: CodeSuggester) -> None:
    new.fit(TEXTS[:20], SETS[:20])
    with pytest.raises(InputError, match=r"^3 rounds of 20 need more than 60 coded passages; there are 20$"):
        new.still_changing(passages_of(TEXTS))
    with pytest.raises(InputError, match=r"^step and rounds must be 1 or more; got 0 and 3$"):
        new.still_changing(passages_of(TEXTS), step=0)
    with pytest.raises(InputError, match=r"^still_changing compares suggestions for passages; give some"):
        new.still_changing([], step=2)
