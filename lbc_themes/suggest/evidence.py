"""Why a code is suggested: the words that speak for it, the nearest example, and a sentence that says so."""

from collections import Counter
from collections.abc import Sequence

from lbc_themes.records import Codebook, Evidence
from lbc_themes.segmenting.words import content_words
from lbc_themes.suggest.code_texts import described, shown

MOST_WORDS = 5


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
        self._counts = [Counter(word.lower() for word in content_words(text)) for text in texts]
        self._totals = sum(self._counts, Counter[str]())
        self._indicators = [frozenset(code.indicators) for code in codebook] if codebook else [frozenset()] * len(texts)

    def words(self, text: str, content: frozenset[str], code: int) -> tuple[str, ...]:
        """Return up to five words that stand in ``text``, the most telling for ``code`` first.

        ``content`` are the content words of ``text``, cut once for all codes.
        """
        indicators = sorted(word for word in self._indicators[code] if word in text)
        counted = sorted(
            {word for word in content if len(word) > 1 and self._telling(word.lower(), code) > 1},
            key=lambda word: (-self._telling(word.lower(), code), word),
        )
        others = [word for word in counted if not any(word in indicator for indicator in indicators)]
        return tuple([*indicators, *others][:MOST_WORDS])

    def _telling(self, word: str, code: int) -> float:
        """How many times as often the code uses ``word`` as a code does on average."""
        return self._counts[code][word] * len(self._counts) / self._totals[word] if self._totals[word] else 0.0


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
