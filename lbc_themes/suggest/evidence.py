"""Why a code is suggested: the words that speak for it, the nearest example, and a sentence that says so."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from lbc_themes.records import Codebook, Evidence
from lbc_themes.segmenting.simplify import simplified
from lbc_themes.segmenting.words import _joined, _names_a_topic, content_words
from lbc_themes.suggest.analyzers import KEPT, cut_once
from lbc_themes.suggest.code_texts import described, shown

MOST_WORDS = 5


@lru_cache(maxsize=KEPT)
def said(text: str) -> tuple[tuple[str, str], ...]:
    """Return the words of ``content_words(text)``, each once, each in small letters and as it stands in the text.

    The text is cut once for all uses, and remembered.
    """
    has_placeholder = "<" in text
    words = content_words(text) if has_placeholder else filter(_topical, _joined(list(cut_once(text))))
    return tuple((word.lower(), word) for word in dict.fromkeys(words))


@lru_cache(maxsize=50_000)
def _topical(word: str) -> bool:
    return _names_a_topic(simplified(word))


class WordEvidence:
    """Which words of a passage speak for a code: those that its description and examples use more than others do."""

    def __init__(self, codebook: Codebook | None, names: Sequence[str] | None) -> None:
        """Count the content words of each code's texts, in both languages together."""
        texts = [
            f"{zh.words}\n{en.words}"
            for zh, en in zip(described(codebook, names, "zh"), described(codebook, names, "en"), strict=True)
        ]
        for example in shown(codebook):
            for code in example.codes[:1]:
                texts[code] += f"\n{example.text}"
        counts = [Counter(word.lower() for word in content_words(text)) for text in texts]
        totals = sum(counts, Counter[str]())
        self._telling = [
            {
                word: -times * len(counts) / totals[word]
                for word, times in count.items()
                if len(word) > 1 and times * len(counts) > totals[word]
            }
            for count in counts
        ]
        self._indicators = [sorted(code.indicators) for code in codebook] if codebook else [[] for _ in texts]

    def words(self, text: str, code: int) -> tuple[str, ...]:
        """Return up to five words that stand in ``text``, the most telling for ``code`` first.

        How telling a word is: how many times as often the code uses it as a code does on average; above one counts.
        """
        telling = self._telling[code]
        indicators = [word for word in self._indicators[code] if word in text]
        found = sorted((telling[small], word) for small, word in said(text) if small in telling)
        others = [word for _, word in found if not _within(word, indicators)]
        return tuple([*indicators, *others][:MOST_WORDS])


def _within(word: str, indicators: Sequence[str]) -> bool:
    return any(word in indicator for indicator in indicators)


def evidence(words: tuple[str, ...], example: str, source: str, alike: int = 0) -> Evidence:
    """Return the evidence with a sentence in each language made of what there is.

    ``source`` is "codebook", or "coded" where ``example`` is a passage coded by hand; then ``alike`` is how many of the
    ten passages nearest to this one carry the code.
    """
    zh, en = [], []
    if words:
        zh.append("提到" + "、".join(f"“{word}”" for word in words))
        en.append("it says " + ", ".join(f"“{word}”" for word in words))
    if example and source == "coded":
        zh.append(
            f"与您已这样编码的 {alike} 个段落相近，如：“{example}”"
            if alike
            else f"与您已这样编码的段落相近：“{example}”"
        )
        en.append(
            f"like {alike} passages that you coded so, e.g. “{example}”"
            if alike
            else f"like a passage that you coded so: “{example}”"
        )
    elif example:
        zh.append(f"与编码本的例句相近：“{example}”")
        en.append(f"close to the codebook's example “{example}”")
    return Evidence(
        words=words,
        example=example,
        example_source=source if example else "",
        why_zh="；".join(zh) or "整段意思与编码定义相近",
        why_en="; ".join(en) or "as a whole it is close to the code's definition",
    )
