"""Codes and their parents: what a family is, and when the parent is the surer suggestion."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learning_texts import BigramEncoder, coded, passages_of

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.calibration import sigmoid
from lbc_themes.suggest.selective import Family, accepted, families, family_logits, sure_parents

TEXTS, SETS, GROUPS = coded()
HOME = Family(parent=0, members=(0, 1, 3))


def _with_parents(codebook: Codebook) -> Codebook:
    home = dataclasses.replace(codebook["family"], id="home", indicators=(), typical=())
    below = [dataclasses.replace(c, parent="home" if c.id in ("family", "money") else None) for c in codebook]
    return dataclasses.replace(codebook, codes=(home, *below))


def test_a_family_is_a_parent_and_the_codes_directly_below_it(four_codes: Codebook) -> None:
    [family] = families(_with_parents(four_codes))
    assert (family.parent, family.members) == (0, (0, 1, 3))
    assert families(four_codes) == []
    assert families(None) == []


@settings(deadline=None)
@given(st.lists(st.floats(-30, 30), min_size=5, max_size=5))
def test_the_log_odds_of_a_family_are_those_of_any_member(logits: list[float]) -> None:
    found = family_logits(np.array([logits]), [HOME])[0, 0]
    none = np.prod([1 - sigmoid(np.array(logits[i])) for i in HOME.members])
    assert sigmoid(found) == pytest.approx(1 - none, abs=1e-9)
    assert found >= max(logits[i] for i in HOME.members) - 1e-6


def test_a_parent_is_sure_where_its_children_share_the_evidence() -> None:
    left_out = np.tile([-4.0, 0.3, -4.0, 0.3, -4.0], (200, 1))
    targets = np.zeros((200, 5), bool)
    targets[::2, 1] = targets[1::2, 3] = True
    doubtful = np.ones(200, bool)
    here = np.array([[-4.0, 0.3, -4.0, 0.3, -4.0], [-4.0, -2.0, -4.0, -2.0, -4.0], [-4.0, -4.0, 5.0, -4.0, -4.0]])
    parents, odds = sure_parents(here, left_out, targets, doubtful, [HOME], 0.05)
    assert parents.tolist() == [0, -1, -1]
    assert odds[0] > 0.3
    assert sure_parents(here, left_out, targets, ~doubtful, [HOME], 0.05)[0].tolist() == [-1, -1, -1]
    assert sure_parents(here, left_out, ~targets & False, doubtful, [HOME], 0.05)[0].tolist() == [-1, -1, -1]


def test_the_log_odds_of_a_family_far_above_thirty_are_their_sum_and_below_nothing_finite() -> None:
    found = family_logits(np.array([[20.0, 15.0, 0.0, 10.0, 0.0], [-60.0, -60.0, 0.0, -60.0, 0.0]]), [HOME])
    assert found[0, 0] == pytest.approx(45, abs=1e-3)
    assert np.isfinite(found).all()


def test_without_families_no_parent_is_sure() -> None:
    logits = np.array([[1.0, 2.0]])
    parents, odds = sure_parents(logits, logits, logits > 1.5, np.array([True]), [], 0.05)
    assert (parents.tolist(), odds.tolist()) == ([-1], [0.0])


def test_a_text_without_a_sure_code_gets_its_family_s_log_odds_on_the_parent() -> None:
    left_out = np.tile([-4.0, 0.3, -4.0, 0.3, -4.0], (200, 1))
    targets = np.zeros((200, 5), bool)
    targets[::2, 1] = targets[1::2, 3] = True
    here = np.array([[-4.0, 0.3, -4.0, 0.3, -4.0], [-4.0, -2.0, -4.0, -2.0, -4.0]])
    certain, raised = accepted(here, left_out, targets, [HOME], 0.05)
    assert certain.tolist() == [True, False]
    assert raised[0, 0] == pytest.approx(family_logits(here, [HOME])[0, 0])
    assert (raised[0, 1:] == here[0, 1:]).all()
    assert (raised[1] == here[1]).all()
    assert accepted(here, left_out, targets, [], 0.05)[0].tolist() == [False, False]


@pytest.mark.parametrize("rate", [0, 1, -0.1, 5])
def test_an_error_rate_that_is_none_is_refused(rate: float) -> None:
    logits = np.zeros((1, 2))
    with pytest.raises(InputError, match=rf"max_error is a rate between 0 and 1, such as 0.05; got {rate}$"):
        accepted(logits, logits, logits > 0, [], rate)


def test_a_parent_is_suggested_where_no_child_stands_out(four_codes: Codebook) -> None:
    chance = np.random.default_rng(0)
    sets = [[str(chance.choice(["family", "money"]))] if s[0] in ("family", "money") else s for s in SETS]
    suggester = CodeSuggester(_with_parents(four_codes), encoder=BigramEncoder()).fit(TEXTS, sets, GROUPS)
    ordinary = suggester.suggest(passages_of(TEXTS), top=1)
    found = suggester.suggest(passages_of(TEXTS), max_error=0.1)
    of_home = [s for s, some in zip(found, SETS, strict=True) if some[0] in ("family", "money") and s.codes]
    assert np.mean([suggestion.codes[0].code_id == "home" for suggestion in of_home]) > 0.9
    assert not any(suggestion.codes[0].code_id == "home" for suggestion in ordinary if suggestion.codes)
