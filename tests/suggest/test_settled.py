"""Scores whose statistics were fixed before depend on nothing but the text."""

import numpy as np
import pytest
from conftest import FakeEncoder
from learning_texts import CODES, BigramEncoder, coded

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.features import corpus_of

TEXTS = [
    "晚上我就想我妈妈，想得睡不着。",
    "作业好多，我一道也不会写。",
    "爷爷说没有钱买新书包了。",
    "奶奶的药吃完了，腿还是疼。",
    "爸爸打电话来的时候我在写作业。",
    "课本丢了也没钱再买一本。",
    "发烧那天是我自己去拿的药。",
    "妈妈说过年就回来。",
    "老师讲的课太快，书上也没有。",
    "学校收钱，爷爷说太贵。",
    "弟弟病了，我背他去看的。",
    "我想我爸，不敢说。",
]
ENGLISH = ["I miss my mother every night.", "There is no money for the school fees."]
SUGGESTERS = pytest.mark.parametrize("bare", [False, True], ids=["codebook", "names"])


def suggester(four_codes: Codebook, *, bare: bool) -> CodeSuggester:
    names = ["想念爸爸妈妈", "作业和课", "没有钱", "生病吃药"]
    return CodeSuggester(None if bare else four_codes, codes=names if bare else None, encoder=FakeEncoder())


@SUGGESTERS
def test_settled_by_the_texts_of_the_call_the_scores_are_those_of_the_call(four_codes: Codebook, bare: bool) -> None:
    free = suggester(four_codes, bare=bare).rank(TEXTS)
    settled = suggester(four_codes, bare=bare).fit_corpus(TEXTS).rank(TEXTS)
    np.testing.assert_allclose(settled, free, rtol=1e-9)


@SUGGESTERS
def test_once_settled_a_text_has_the_same_scores_alone_and_among_others(four_codes: Codebook, bare: bool) -> None:
    settled = suggester(four_codes, bare=bare).fit_corpus(TEXTS[:10])
    every = [*TEXTS, *ENGLISH]
    together = settled.rank(every)
    apart = np.vstack([settled.rank([text]) for text in every])
    np.testing.assert_allclose(apart, together, rtol=1e-9)
    free = suggester(four_codes, bare=bare)
    assert not np.allclose(np.vstack([free.rank([text]) for text in every]), together)


def test_what_was_coded_is_learned_on_settled_scores_too(four_codes: Codebook) -> None:
    settled = suggester(four_codes, bare=False).fit_corpus(TEXTS)
    settled.fit(TEXTS[:4], [["family"], ["study"], ["money"], ["illness"]])
    np.testing.assert_allclose(settled.rank(TEXTS)[5], settled.rank(TEXTS[5:6])[0], rtol=1e-9)


def test_other_choices_forget_the_statistics(four_codes: Codebook) -> None:
    settled = suggester(four_codes, bare=False).fit_corpus(TEXTS)
    settled.set_params(encoder=FakeEncoder()).rank(TEXTS)
    assert not hasattr(settled, "corpus_statistics_")


def test_no_texts_settle_nothing(four_codes: Codebook) -> None:
    with pytest.raises(
        InputError, match=r"^fit_corpus needs texts to take its statistics from; give some of the corpus"
    ):
        suggester(four_codes, bare=False).fit_corpus([])


def test_what_few_coded_texts_teach_is_as_sure_of_many_texts_as_of_few() -> None:
    texts, sets, _ = coded()
    few = [13 * i % 160 for i in range(14)]
    learned = CodeSuggester(codes=CODES, encoder=BigramEncoder()).fit([texts[i] for i in few], [sets[i] for i in few])
    rest = [i for i in range(160) if i not in few]
    asked = [texts[i] for i in rest]
    together = learned.rank(asked).max(axis=1).mean()
    apart = np.mean([learned.rank(asked[at : at + 9]).max(axis=1).mean() for at in range(0, 144, 9)])
    assert abs(together - apart) < 0.5


def test_the_swell_of_scores_grows_with_the_texts_and_is_held_by_the_ground(four_codes: Codebook) -> None:
    zero_shot = CodeSuggester(four_codes, encoder=BigramEncoder())._zero_shot()
    texts = coded()[0]
    compared = [zero_shot.compare(corpus_of(some, BigramEncoder().encode(some))) for some in (texts[:9], texts[:60])]
    few, many = (zero_shot.prior_scale(some) for some in compared)
    assert np.unique(few).tolist() == [1.0]
    assert np.unique(many).tolist() == [1.5]
    assert zero_shot.prior_scale(compared[0], zero_shot.statistics(compared[1])).tolist() == many[:9].tolist()
