"""Texts that clearly belong to one of the four codes, and how tests encode them."""

from conftest import FakeEncoder

from lbc_themes.suggest.features import Corpus, corpus_of

CLEAR = {
    "我每天都想妈妈，想得睡不着。": "family",
    "老师讲的课我一句也听不懂，作业空了一半。": "study",
    "校服要交钱，爷爷说太贵，先不买。": "money",
    "那次发烧病得厉害，药吃完了也没有人管。": "illness",
    "I miss my mother and grandma so much.": "family",
    "The homework is too hard and the lesson too fast.": "study",
    "We have no money, the fees are too high.": "money",
    "I was ill and there was no medicine.": "illness",
}


def encoded(texts: list[str]) -> Corpus:
    return corpus_of(texts, FakeEncoder().encode(texts))
