"""Suggestions after passages were coded by hand."""

import dataclasses

import numpy as np
import pytest
from learning_texts import CODES, BigramEncoder, coded, indicator, passages_of
from sklearn.base import clone
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.calibration import first_line, sigmoid

TEXTS, SETS, GROUPS = coded()
GOLD = indicator(SETS)


@pytest.fixture
def new(four_codes: Codebook) -> CodeSuggester:
    return CodeSuggester(four_codes, encoder=BigramEncoder())


@pytest.fixture(scope="module")
def learned(four_codes: Codebook) -> CodeSuggester:
    """Learned from all children but the last."""
    return CodeSuggester(four_codes, encoder=BigramEncoder()).fit(TEXTS[:128], SETS[:128], GROUPS[:128])


def right(suggester: CodeSuggester, rows: slice = slice(128, 160)) -> float:
    best = suggester.rank(TEXTS[rows]).argmax(axis=1)
    return float(GOLD[rows][np.arange(len(best)), best].mean())


# The habits of scikit-learn


def test_a_clone_has_the_choices_and_nothing_learned(learned: CodeSuggester) -> None:
    copy = clone(CodeSuggester(codes=CODES, encoder="e5-small-zh.v1"))
    assert (copy.codes, copy.encoder) == (CODES, "e5-small-zh.v1")
    fresh = clone(learned)
    assert (learned.coded_, fresh.coded_) == (128, 0)
    assert fresh.codebook == learned.codebook


def test_cross_val_predict_leaves_children_out(new: CodeSuggester) -> None:
    probabilities = cross_val_predict(new, TEXTS, GOLD, groups=GROUPS, cv=GroupKFold(5), method="predict_proba")
    assert probabilities.shape == GOLD.shape
    assert ((probabilities > 0) & (probabilities < 1)).all()
    assert GOLD[np.arange(160), probabilities.argmax(axis=1)].mean() > 0.95


@pytest.mark.slow
def test_grid_search_chooses_an_encoder(new: CodeSuggester) -> None:
    small, large = BigramEncoder(2), BigramEncoder(64)
    score = make_scorer(f1_score, average="micro", zero_division=0)
    search = GridSearchCV(new, {"encoder": [small, large]}, cv=GroupKFold(2), scoring=score, error_score="raise")
    search.fit(TEXTS, GOLD, groups=GROUPS)
    assert {type(found) for found in search.cv_results_["param_encoder"]} == {BigramEncoder}
    assert search.best_estimator_.predict(TEXTS[:3]).shape == (3, 4)
    unasked = GridSearchCV(new, {"encoder": [small, large]}, cv=GroupKFold(2), error_score="raise")
    unasked.fit(TEXTS, GOLD, groups=GROUPS)
    assert unasked.best_score_ == search.best_score_


def test_the_score_is_f1_over_all_pairs_of_a_text_and_a_code(learned: CodeSuggester) -> None:
    rest = slice(128, 160)
    expected = f1_score(GOLD[rest], learned.predict(TEXTS[rest]), average="micro")
    assert learned.score(TEXTS[rest], GOLD[rest]) == learned.score(TEXTS[rest], SETS[rest]) == pytest.approx(expected)
    assert learned.score(TEXTS[rest], [["illness", "study", "money", "family"]] * 32) < expected
    with pytest.raises(InputError, match=r"^32 texts but 1 code sets"):
        learned.score(TEXTS[rest], SETS[:1])


def test_another_encoder_given_later_is_the_one_used(four_codes: Codebook) -> None:
    suggester = CodeSuggester(four_codes, encoder=BigramEncoder(8)).fit(TEXTS, SETS)
    suggester.set_params(encoder=BigramEncoder(32)).fit(TEXTS, SETS)
    assert suggester.vectors_.shape == (160, 32)
    expected = CodeSuggester(four_codes, encoder=BigramEncoder(32)).fit(TEXTS, SETS)
    np.testing.assert_allclose(suggester.rank(TEXTS), expected.rank(TEXTS))


# Learning


def test_what_was_coded_is_learned(new: CodeSuggester, learned: CodeSuggester) -> None:
    assert right(new) < 0.85
    assert right(learned) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 4, 8, 12, 20])
def test_a_handful_of_coded_texts_is_never_worse_than_none(new: CodeSuggester, count: int) -> None:
    before, after = right(new), []
    for start in (0, 7, 30, 61):
        rows = [(start + 5 * i) % 128 for i in range(count)]
        after.append(right(clone(new).fit([TEXTS[i] for i in rows], [SETS[i] for i in rows])))
    assert np.mean(after) >= before
    assert min(after) >= before - 0.1


def test_one_coded_text_leaves_the_ranking_nearly_as_it_was(new: CodeSuggester) -> None:
    before = new.rank(TEXTS[128:])
    after = clone(new).fit(TEXTS[:1], SETS[:1]).rank(TEXTS[128:])
    agree = (before.argmax(axis=1) == after.argmax(axis=1)).mean()
    assert agree > 0.9


def test_more_coding_moves_the_blend_from_the_codebook_to_the_coder(new: CodeSuggester) -> None:
    turned = {"family": "money", "money": "family", "study": "illness", "illness": "study"}
    sets = [[turned[code] for code in some] for some in SETS]
    shares = []
    for count in (2, 16, 128):
        best = clone(new).fit(TEXTS[:count], sets[:count]).rank(TEXTS[128:]).argmax(axis=1)
        shares.append(np.mean([[CODES[code]] == some for code, some in zip(best, sets[128:], strict=True)]))
    assert shares[0] < shares[1] < shares[2]
    assert shares[2] > 0.9


def test_code_sets_and_an_array_teach_the_same(new: CodeSuggester) -> None:
    by_sets = clone(new).fit(TEXTS, [tuple(some) for some in SETS], GROUPS)
    for array in (GOLD, GOLD.astype(bool), GOLD.astype(float)):
        by_array = clone(new).fit(TEXTS, array, GROUPS)
        assert by_sets.rank(TEXTS).tobytes() == by_array.rank(TEXTS).tobytes()
        assert by_sets.learner_.thresholds_.tobytes() == by_array.learner_.thresholds_.tobytes()


def test_an_empty_set_means_coded_and_nothing_applies(new: CodeSuggester) -> None:
    talk = [f"那我们今天先聊到这里{ending}" for ending in ("吧", "了", "啊", "吧好", "好吧")] * 4
    with_talk = clone(new).fit([*TEXTS, *talk], [*SETS, *[[] for _ in talk]])
    without = clone(new).fit(TEXTS, SETS)
    assert with_talk.coded_ == 180
    here = ["那我们今天先聊到这里呀"]
    assert with_talk.predict_proba(here).max() < without.predict_proba(here).max()
    assert not with_talk.predict(here).any()


def test_nothing_but_empty_sets_is_taken(new: CodeSuggester) -> None:
    taught = new.fit(TEXTS[:5], [[] for _ in range(5)])
    assert np.isfinite(taught.rank(TEXTS)).all()


def test_several_codes_on_one_text_are_all_predicted(new: CodeSuggester) -> None:
    both = [f"{a[:-1]}，{b}" for a, b in zip(TEXTS[0:128:4], TEXTS[1:128:4], strict=True)]
    taught = new.fit([*TEXTS[:128], *both], [*SETS[:128], *[["family", "study"]] * len(both)])
    said_of = taught.predict([f"{TEXTS[128][:-1]}，{TEXTS[129]}"])
    assert said_of.tolist() == [[True, True, False, False]]


@pytest.mark.parametrize(
    ("sets", "line"),
    [
        ([["family"]], r"^2 texts but 1 code sets; give one collection of code ids for each text$"),
        (["family", "study"], r"^code_sets\[0\] is the string 'family'; give a collection of code ids"),
        ([["family"], ["weather"]], r"^code_sets\[1\] names 'weather', which is not a code; codes: family, study"),
        (np.ones((2, 3)), r"^an array of codes must hold 0 and 1 in the shape \(2, 4\); got shape \(2, 3\)$"),
        (np.full((2, 4), 0.5), r"^an array of codes must hold 0 and 1 in the shape \(2, 4\)"),
    ],
)
def test_codings_that_do_not_fit_the_texts_are_refused(new: CodeSuggester, sets: object, line: str) -> None:
    with pytest.raises(InputError, match=line):
        new.fit(TEXTS[:2], sets)  # type: ignore[arg-type]


def test_other_refusals_say_what_to_give(new: CodeSuggester, learned: CodeSuggester) -> None:
    with pytest.raises(InputError, match=r"^2 texts but 3 groups; give one participant for each text$"):
        new.fit(TEXTS[:2], SETS[:2], ["甲", "乙", "丙"])
    with pytest.raises(InputError, match=r"^texts must be a list of strings"):
        new.fit("想妈妈", [["family"]])
    with pytest.raises(InputError, match=r"^2 texts but 1 vectors; give one vector for each text$"):
        new.fit(TEXTS[:2], SETS[:2], None, np.ones((1, 64)))
    with pytest.raises(InputError, match=r"^max_error needs coded passages to measure errors on: call fit first"):
        clone(new).suggest(passages_of(TEXTS[:2]), max_error=0.05)
    for rate in (0, 1, -0.1, 5):
        with pytest.raises(InputError, match=r"^max_error is a rate between 0 and 1, such as 0\.05; got"):
            learned.suggest(passages_of(TEXTS[:2]), max_error=rate)


def test_partial_fit_comes_near_to_fit_on_all(new: CodeSuggester) -> None:
    whole = clone(new).fit(TEXTS[:128], SETS[:128], GROUPS[:128])
    bit_by_bit = clone(new).fit(TEXTS[:120], SETS[:120], GROUPS[:120])
    for row in range(120, 128):
        bit_by_bit.partial_fit([TEXTS[row]], [SETS[row]], [GROUPS[row]])
    assert bit_by_bit.coded_ == whole.coded_ == 128
    first, second = whole.predict_proba(TEXTS[128:]), bit_by_bit.predict_proba(TEXTS[128:])
    assert np.abs(first - second).mean() < 0.05
    assert (first.argmax(axis=1) == second.argmax(axis=1)).mean() > 0.95


def test_partial_fit_beyond_a_tenth_is_fit_on_all(new: CodeSuggester) -> None:
    whole = clone(new).fit(TEXTS, SETS, GROUPS)
    halves = clone(new).partial_fit(TEXTS[:80], SETS[:80], GROUPS[:80]).partial_fit(TEXTS[80:], SETS[80:], GROUPS[80:])
    np.testing.assert_allclose(halves.rank(TEXTS), whole.rank(TEXTS))


def test_with_three_children_or_more_answers_are_left_out_by_child(new: CodeSuggester) -> None:
    alone = clone(new).fit(TEXTS, SETS).learner_.ridges_["characters"].left_out
    by_child = clone(new).fit(TEXTS, SETS, GROUPS).learner_.ridges_["characters"].left_out
    two = clone(new).fit(TEXTS, SETS, ["甲"] * 80 + ["乙"] * 80).learner_.ridges_["characters"].left_out
    assert not np.allclose(alone, by_child)
    np.testing.assert_allclose(alone, two)


# Silence


def test_what_is_too_short_stays_silent_once_something_is_coded(learned: CodeSuggester) -> None:
    found = learned.suggest(passages_of(["嗯嗯对。", "想妈妈。", "晚上想妈妈，想得睡不着。"]))
    assert [suggestion.reason for suggestion in found] == ["too-short", "too-short", ""]


def test_that_nothing_fits_is_learned_from_passages_coded_with_nothing(four_codes: Codebook) -> None:
    quiet = dataclasses.replace(four_codes, utterances=tuple(u for u in four_codes.utterances if u.code_ids))
    skies = [(sky, wind) for sky in ("下雨", "刮风", "下雪") for wind in ("路上滑", "云很低", "雾很大")]
    weather = [f"今天{sky}，{wind}，天气预报说的{ending}" for sky, wind in skies for ending in ("。", "呢。")]
    here = passages_of(["明天下雨，路上滑，天气预报说的。", "晚上想妈妈，梦见妈妈抱我。"])
    long = [f"{text[:-1]}，{text}" for text in TEXTS[:80]]
    without = CodeSuggester(quiet, encoder=BigramEncoder()).fit(long, SETS[:80])
    assert [suggestion.reason for suggestion in without.suggest(here)] == ["", ""]
    taught = CodeSuggester(quiet, encoder=BigramEncoder()).fit([*long, *weather], [*SETS[:80], *[[] for _ in weather]])
    assert [suggestion.reason for suggestion in taught.suggest(here)] == ["nothing-fits", ""]


def test_small_talk_is_silent_until_the_coder_gave_such_passages_a_code(four_codes: Codebook) -> None:
    talk = ["你先坐，外面挺热的，要不要喝点水。"]
    some = slice(0, 40)
    before = CodeSuggester(four_codes, encoder=BigramEncoder()).fit(TEXTS[some], SETS[some])
    assert [suggestion.reason for suggestion in before.suggest(passages_of(talk))] == ["nothing-fits"]
    after = CodeSuggester(four_codes, encoder=BigramEncoder()).fit(
        [*TEXTS[some], *talk * 8], [*SETS[some], *[["family"]] * 8]
    )
    found = after.suggest(passages_of(talk))
    assert [suggestion.codes[0].code_id for suggestion in found] == ["family"]


def test_no_further_code_is_said_to_be_likelier_than_the_first(learned: CodeSuggester) -> None:
    for suggestion in learned.suggest(passages_of(TEXTS[128:]), top=4):
        likely = [code.probability for code in suggestion.codes]
        assert likely == sorted(likely, reverse=True)


# Suggestions and why


def test_evidence_points_to_the_coded_passages_that_are_like_it(learned: CodeSuggester) -> None:
    for suggestion, text in zip(learned.suggest(passages_of(TEXTS[128:140])), TEXTS[128:140], strict=True):
        reason = suggestion.codes[0].evidence
        assert reason.example_source == "coded"
        assert reason.example in TEXTS[:128]
        assert [suggestion.codes[0].code_id] == SETS[TEXTS.index(reason.example)]
        assert f"“{reason.example}”" in reason.why_en
        assert "passages that you coded so" in reason.why_en
        assert "这样编过" in reason.why_zh
        assert all(word in text for word in reason.words)


def test_the_nearest_coded_passage_is_the_one_shown(learned: CodeSuggester) -> None:
    [suggestion] = learned.suggest(passages_of(["晚上想妈妈，睡不着。"]))
    assert suggestion.codes[0].evidence.example.startswith("晚上想妈妈")


def test_a_code_that_no_near_passage_carries_is_explained_by_the_codebook(learned: CodeSuggester) -> None:
    [suggestion] = learned.suggest(passages_of(["晚上想妈妈，睡不着。"]), top=4)
    sources = {code.code_id: code.evidence.example_source for code in suggestion.codes}
    assert sources["family"] == "coded"
    assert "codebook" in sources.values()


def test_max_error_returns_only_what_is_sure_and_says_what_share_that_is(learned: CodeSuggester) -> None:
    found = learned.suggest(passages_of([*TEXTS[128:], "天上有一朵云慢慢飘过去了。"]), max_error=0.05)
    accepted = [suggestion for suggestion in found if suggestion.codes]
    assert accepted
    assert {suggestion.options["accepted_share"] for suggestion in found} == {f"{len(accepted) / len(found):.3f}"}
    assert all(len(suggestion.codes) == 1 for suggestion in accepted)
    reasons = [suggestion.reason for suggestion in found if not suggestion.codes]
    assert "not-sure" in reasons
    assert set(reasons) <= {"not-sure", "nothing-fits"}
    assert found[-1].reason == "nothing-fits"


def test_a_smaller_error_accepts_no_more(learned: CodeSuggester) -> None:
    shares = [
        float(learned.suggest(passages_of(TEXTS[100:]), max_error=rate)[0].options["accepted_share"])
        for rate in (0.3, 0.1, 0.05, 0.005)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0


@pytest.mark.slow
def test_a_first_code_is_believed_as_often_as_first_codes_were_right(four_codes: Codebook) -> None:
    chance = np.random.default_rng(7)
    wrong = [[str(chance.choice(CODES))] if chance.random() < 0.4 else SETS[row] for row in range(128)]
    careless = CodeSuggester(four_codes, encoder=BigramEncoder()).fit(TEXTS[:128], wrong, GROUPS[:128])
    found = careless.suggest(passages_of(TEXTS[128:]), top=1)
    first = np.array([suggestion.codes[0].probability for suggestion in found if suggestion.codes])
    raw = sigmoid(np.array([suggestion.codes[0].score for suggestion in found if suggestion.codes]))
    slope, intercept = first_line(careless.learner_.left_out_, careless.learner_.targets_[:128] > 0)
    assert (slope, intercept) != (1, 0)
    np.testing.assert_allclose(first, sigmoid(slope * np.log(raw / (1 - raw)) + intercept))
