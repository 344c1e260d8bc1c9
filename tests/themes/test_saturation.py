import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from themes_study import study, vectors_of

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding
from lbc_themes.themes import ThemeModel, codes_by_interview, saturation, themes_by_interview


def named(*sets):
    return {f"C{number:02d}": codes for number, codes in enumerate(sets, 1)}


def test_new_and_total_are_counted_in_order():
    found = saturation(named("ab", "bc", "", "cd", "d"), shuffles=10)
    assert found.new == (2, 1, 0, 1, 0)
    assert found.total == (2, 3, 3, 4, 4)
    assert found.to_frame().interview.tolist() == ["C01", "C02", "C03", "C04", "C05"]


def test_the_point_is_that_of_guest_namey_and_chen():
    codes = named("abcde", "fghij", "klmno", "pqrst", "u", "v", "a", "b", "c")
    assert saturation(codes, run=2, threshold=0.05, shuffles=1).point == 5, "after five, v is 1 of 20: 5 %"
    assert saturation(codes, run=2, threshold=0.0, shuffles=1).point == 6
    assert saturation(codes, run=3, threshold=0.1, shuffles=1).point == 4
    assert saturation(codes, base=5, run=2, threshold=0.0, shuffles=1).point == 6


def test_codes_that_never_stop_never_saturate():
    found = saturation(named(*[{f"{i}.{k}" for k in range(3)} for i in range(12)]), shuffles=50)
    assert found.point is None
    assert found.reached == 0
    assert found.median_point is None


def test_too_few_interviews_have_no_point():
    assert saturation(named("a", "a", "a", "a", "a"), shuffles=5).point is None


def test_no_code_in_the_base_has_no_point():
    assert saturation(named("", "", "", "", "", "", ""), shuffles=5).point is None


@pytest.mark.slow
@given(st.lists(st.frozensets(st.integers(0, 12)), min_size=1, max_size=10), st.integers(0, 5))
def test_shuffled_curves_rise_to_all_codes_and_hold_the_mean(sets, seed):
    found = saturation(named(*sets), shuffles=30, random_state=seed)
    every = len(set().union(*sets))
    assert found.total[-1] == every == found.mean_total[-1]
    assert list(found.total) == sorted(found.total)
    for low, mean, high in zip(found.low_total, found.mean_total, found.high_total, strict=True):
        assert low <= high
        assert 0 <= mean <= every
    assert found.mean_total[0] == pytest.approx(sum(map(len, sets)) / len(sets), abs=every)


def test_the_mean_of_shuffles_nears_the_exact_expectation():
    sets = ["ab", "b", "c", "abc", "d"]
    found = saturation(named(*sets), shuffles=4000)
    exact = [_expected(sets, k) for k in range(1, 6)]
    assert list(found.mean_total) == pytest.approx(exact, abs=0.08)


def _expected(sets, k):
    from math import comb

    holders = [sum(code in own for own in sets) for code in "abcd"]
    return sum(1 - comb(5 - h, k) / comb(5, k) for h in holders)


def test_the_same_seed_gives_the_same_points():
    codes = named(*["abcdefgh"[i % 5 : i % 5 + 3] for i in range(14)])
    assert saturation(codes, random_state=4) == saturation(codes, random_state=4)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (({},), "saturation got no interviews"),
        ((named("a"), 0), "base=0"),
        ((named("a"), 4, 2, 1.5), "threshold is 1.5; give a share from 0 to 1"),
    ],
)
def test_settings_that_cannot_be_are_refused(arguments, said):
    codes, *rest = arguments
    with pytest.raises(InputError, match=re.escape(said)):
        saturation(codes, **dict(zip(("base", "run", "threshold"), rest, strict=False)))


def test_codings_are_gathered_by_interview_in_the_order_given():
    codings = [
        Coding(transcript_id=transcript, start=0, end=1, code_id=code, coder="k")
        for transcript, code in [("C02", "x"), ("C01", "y"), ("C02", "x"), ("C02", "z")]
    ]
    assert codes_by_interview(codings) == {"C02": {"x", "z"}, "C01": {"y"}}
    assert list(codes_by_interview(codings, ["C01", "C02", "C03"])) == ["C01", "C02", "C03"]
    assert codes_by_interview(codings, ["C01"]) == {"C01": {"y"}}


def test_themes_are_gathered_by_participant():
    texts, groups, _ = study()
    model = ThemeModel(n_themes=6).fit(texts, vectors=vectors_of(texts), groups=groups)
    found = themes_by_interview(model)
    assert list(found) == list(dict.fromkeys(groups))
    assert set().union(*found.values()) == {theme.id for theme in model.themes_}
