"""Whether a codebook is about what the passages are about: told on invented sentences far from and near its codes."""

import dataclasses

import numpy as np
import pytest
from conftest import FakeEncoder

from lbc_themes.codebook import load_codebook
from lbc_themes.core.records import Bilingual, Codebook, Evidence, RankedCode, Suggestion
from lbc_themes.encoding import load_encoder
from lbc_themes.suggest.codebook_fit import (
    FEWEST_PASSAGES,
    OTHER_TOPIC,
    CodebookFit,
    codebook_fit,
    misfit_message,
    without_misfits,
)

FAR = (
    "这个平台的数据是开放的，市民可以自己下载，我们部里每个季度更新一次资料。",
    "法规修改之前要先公告六十天，大家可以在网站上留言，承办人都要回复。",
    "那个软件一更新就闪退，客服也不理人，广告又多，我早就卸载了。",
    "我们公司今年主要做海外市场，投资人更看重利润，所以预算砍了一半。",
    "他们队下半场换了两个前锋，最后三分钟才追平，加时赛又输了。",
)  # fmt: skip
NEAR = (
    "爸妈都在外地打工，一年到头就过年回来几天，我跟奶奶在家里过。",
    "晚上睡觉的时候特别想妈妈，打电话又不知道说什么，挂了就哭。",
    "作业没有人教，奶奶不识字，不会的就空着，第二天老师再讲。",
    "爷爷身体不好，我放学回来要做饭喂猪，还得照看弟弟。",
    "班里好几个孩子爸妈都不在身边，上课没精神，我下课就找他们聊聊。",
)  # fmt: skip


def fit_of(texts: list[str]) -> CodebookFit | None:
    encoder = load_encoder("e5-small-zh.v1")
    return codebook_fit(load_codebook("left-behind-children"), encoder, texts, encoder.encode(texts))


@pytest.mark.slow
def test_interviews_about_something_else_are_noticed_and_what_they_are_about() -> None:
    fit = fit_of(list(FAR) * 8)
    assert fit is not None
    assert fit.misfit
    assert fit.topics
    assert Bilingual(zh="公民参与", en="public participation") in fit.topics


@pytest.mark.slow
def test_interviews_about_the_codes_are_left_alone() -> None:
    fit = fit_of(list(NEAR) * 8)
    assert fit is not None
    assert not fit.misfit
    assert fit.share > 0.5


@pytest.mark.slow
def test_a_few_passages_are_not_judged() -> None:
    assert fit_of((list(FAR) * 8)[: FEWEST_PASSAGES - 1]) is None
    assert fit_of((list(FAR) * 8)[:FEWEST_PASSAGES]) is not None


@pytest.mark.slow
def test_what_was_not_measured_is_not_judged(four_codes: Codebook) -> None:
    texts = list(FAR) * 8
    other = FakeEncoder()
    assert codebook_fit(load_codebook("left-behind-children"), other, texts, other.encode(texts)) is None
    english = ["we talk about open data and public participation every quarter"] * 40
    assert fit_of(english) is None
    bare = [
        dataclasses.replace(c, brief=Bilingual(zh="", en=""), definition=Bilingual(zh="", en="")) for c in four_codes
    ]
    book = dataclasses.replace(four_codes, codes=tuple(bare))
    assert codebook_fit(book, load_encoder("e5-small-zh.v1"), texts, np.ones((len(texts), 384), np.float32)) is None


@pytest.mark.parametrize("share", [0.1, 0.25])
def test_where_it_does_not_fit_only_what_is_about_the_codes_keeps_its_suggestion(share: float) -> None:
    evidence = Evidence()
    code = RankedCode(code_id="a", score=1.0, probability=0.4, evidence=evidence)
    given = [
        Suggestion(passage_id="1", codes=(code,)),
        Suggestion(passage_id="2", codes=(code,)),
        Suggestion(passage_id="3", codes=(), reason="too-short"),
    ]
    fit = CodebookFit(share=share, fits=(True, False, False), topics=())
    kept = without_misfits(given, fit)
    assert kept[0] == given[0]
    assert kept[2] == given[2]
    if share < 0.25:
        assert (kept[1].codes, kept[1].reason) == ((), OTHER_TOPIC)
    else:
        assert kept == given
    assert without_misfits(given, None) == given


def test_what_people_coded_counts_for_more_than_the_definitions() -> None:
    code = RankedCode(code_id="a", score=1.0, probability=0.4, evidence=Evidence())
    given = [Suggestion(passage_id="1", codes=(code,))]
    fit = CodebookFit(share=0.1, fits=(False,), topics=())
    assert without_misfits(given, fit, coded=29)[0].codes == ()
    assert without_misfits(given, fit, coded=30) == given


def test_what_people_are_told_names_the_share_and_the_first_three_topics() -> None:
    topics = tuple(Bilingual(zh=f"话题{n}", en=f"topic {n}") for n in range(4))
    fit = CodebookFit(share=0.125, fits=(), topics=topics)
    book = Bilingual(zh="留守儿童", en="Left-behind children")
    for coded in (0, 29, 30):
        said = misfit_message(fit, book, coded=coded)
        assert all(words in said.en for words in ("Left-behind children", "topic 0", "topic 2"))
        assert all(words in said.zh for words in ("留守儿童", "话题0", "话题2"))
        assert "topic 3" not in said.en
        assert "12" in said.en or "13" in said.en
    assert misfit_message(fit, book, coded=29) == misfit_message(fit, book) != misfit_message(fit, book, coded=30)


class ByMark:
    """Puts each text where its marks say, in a plane: codes east, most topics north, and so on."""

    name, dimensions = "e5-small-zh.v1", 2

    def __init__(self, places: dict[str, tuple[float, float]]) -> None:
        self.places = places

    def encode(self, texts: list[str], kind: str = "passage", advance: object = None) -> np.ndarray:  # noqa: ARG002
        found = [next((at for mark, at in self.places.items() if mark in text), (0.0, 1.0)) for text in texts]
        return np.array(found, np.float32)


def test_a_passage_fits_that_is_closer_to_a_code_than_to_any_other_topic(four_codes: Codebook) -> None:
    codes = {code.name.zh: (1.0, 0.0) for code in four_codes}
    encoder = ByMark({**codes, "宠物": (-1.0, 0.2), "留守": (1.0, 0.0)})
    east, north, west, english = ["我想妈妈"] * 10, ["北边"] * 12, ["西边"] * 8, ["we talk of data"] * 5
    vectors = np.array([(1.0, 0.0)] * 10 + [(0.0, 1.0)] * 12 + [(-1.0, 0.2)] * 8 + [(0.0, 1.0)] * 5)
    fit = codebook_fit(four_codes, encoder, [*east, *north, *west, *english], vectors)
    assert fit is not None
    assert fit.share == pytest.approx(10 / 30), "of the Chinese passages"
    assert fit.fits == (True,) * 10 + (False,) * 20 + (True,) * 5
    assert fit.topics[1] == Bilingual(zh="宠物", en="pets")
    assert len(fit.topics) == 2
    assert not fit.misfit


def test_the_fit_of_a_stored_run_is_read_again() -> None:
    fit = CodebookFit(share=0.125, fits=(True, False), topics=(Bilingual(zh="宠物", en="pets"),))
    assert CodebookFit.from_options(fit.to_options()) == dataclasses.replace(fit, fits=())
    assert CodebookFit.from_options({"top": "3"}) is None
