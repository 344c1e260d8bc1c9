"""Turn scores into ranked codes with evidence."""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook, Evidence, Language, RankedCode
from lbc_themes.suggest.calibration import first_probabilities, sigmoid
from lbc_themes.suggest.features import (
    Arrays,
    Bools,
    CodeExample,
    Corpus,
    Floats,
    Ints,
    code_descriptions,
    code_examples,
    code_ids,
    digest,
    prepared,
)
from lbc_themes.text.words import cut, joined, names_a_topic, simplified, without_placeholders, words_of

# --- Why a code is suggested, as a sentence in each language.


def evidence(words: tuple[str, ...], example: str, alike: int = 0, asked: tuple[str, ...] = ()) -> Evidence:
    """Return the evidence with a sentence in each language made of what there is.

    ``alike`` is how many of the ten coded passages nearest to this one carry the code, the nearest of which ``example``
    then is; where it is 0, ``example`` is one of the codebook's, or "". ``asked`` are words of the question that speak
    for the code.
    """
    reasons = []
    if words:
        reasons.append(message("suggest.it_says", words=_quoted(words)))
    if asked:
        reasons.append(message("suggest.question_says", words=_quoted(asked)))
    if alike:
        reasons.append(message("suggest.like_coded_passages", count=alike, example=example))
    elif example:
        reasons.append(message("suggest.like_example", example=example))
    if not reasons:
        reasons.append(message("suggest.like_definition"))
    return Evidence(
        words=words,
        example=example,
        example_source=("coded" if alike else "codebook") if example else "",
        why_zh="；".join(reason.zh for reason in reasons),
        why_en="; ".join(reason.en for reason in reasons),
    )


def _quoted(words: Sequence[str]) -> list[str]:
    return [f"“{word}”" for word in words]


# --- Which examples and coded passages are nearest, found for all passages at once.

NEIGHBOURS = 10

Similar = Callable[[Ints, Ints], Floats]
"""Takes positions of texts and of examples, returns their similarities, shape ``(texts, examples)``."""


def own_examples(examples: Sequence[CodeExample]) -> Ints:
    """Return the positions of the examples that stand in the codebook's entries, and may be quoted."""
    return np.array([row for row, example in enumerate(examples) if example.own], np.intp)


def columns_by_code(examples: Sequence[CodeExample], codes: int, language: Language) -> list[Ints]:
    """Return for each code the positions of its ``own_examples`` in ``language``."""
    columns: list[list[int]] = [[] for _ in range(codes)]
    for row in own_examples(examples).tolist():
        if examples[row].language == language:
            columns[examples[row].codes[0]].append(row)
    return [np.array(found, np.intp) for found in columns]


def nearest_by_code(best: Ints, asked: Bools, columns: Sequence[Ints], similar: Similar) -> Ints:
    """Return for each text and each of its codes in ``best`` the one of the code's ``columns`` that is nearest.

    ``best`` and ``asked``, which says where an answer is wanted, have shape ``(n, top)``, and so has what is returned:
    -1 where nothing was asked or the code has no columns.
    """
    found = np.full(best.shape, -1, np.intp)
    for code in np.unique(best[asked]).tolist():
        rows, places = np.nonzero((best == code) & asked)
        if len(columns[code]):
            found[rows, places] = columns[code][similar(rows, columns[code]).argmax(axis=1)]
    return found


def carried_by_nearest(similar: Floats, targets: Floats) -> Floats:
    """Return how many of the ten coded passages nearest to each text carry each code, shape ``(n, codes)``.

    ``similar`` has shape ``(n, coded)``, ``targets`` ``(coded, codes)``.
    """
    import scipy.sparse

    count = similar.shape[1]
    kept = min(NEIGHBOURS, count)
    ten = np.argpartition(-similar, kept - 1, axis=1)[:, :kept]
    chosen = scipy.sparse.csr_array(
        (np.ones(ten.size), ten.ravel(), np.arange(0, ten.size + 1, kept)), shape=similar.shape
    )
    carried: Floats = chosen @ targets
    return carried


# --- The words of the codes: those that a codebook's texts consist of, and how often each code uses each of them.


@dataclass(frozen=True, kw_only=True)
class CodeWords:
    """``vocabulary`` are all words of two characters or more; ``used`` counts, for each code, those that name a topic.

    All are simplified and in small letters. In ``used`` a negation stands together with what it negates.
    """

    vocabulary: frozenset[str]
    used: tuple[Mapping[str, int], ...]


def texts_by_code(codebook: Codebook | None, names: Sequence[str] | None) -> list[str]:
    """Return for each code what describes and shows it, in both languages together."""
    texts = [
        f"{zh.words}\n{en.words}"
        for zh, en in zip(
            code_descriptions(codebook, names, "zh"), code_descriptions(codebook, names, "en"), strict=True
        )
    ]
    for example in code_examples(codebook):
        for code in example.codes[:1]:
            texts[code] += f"\n{example.text}"
    return texts


def words_by_code(texts: Sequence[str]) -> list[CodeWords]:
    """Cut the text of each code into words, which takes about a second for 3,000 sentences, and count them."""
    topical = cache(names_a_topic)
    return [_words_of(text, topical) for text in texts]


def _words_of(text: str, topical: Callable[[str], bool]) -> CodeWords:
    words = cut(simplified(without_placeholders(text)).lower())
    times = Counter(joined(words, simple=True))
    used = {word: count for word, count in times.items() if len(word) > 1 and topical(word)}
    return CodeWords(vocabulary=frozenset(word for word in words if len(word) > 1), used=(used,))


def code_words(codebook: Codebook | None, names: Sequence[str] | None) -> CodeWords:
    """Return the words of a codebook or of bare names; those of a code of the library's own codebooks lie ready."""
    texts = {words_key(text): text for text in texts_by_code(codebook, names)}
    found = prepared(WORDS_KEY, PARTS)
    words = {} if found is None else from_arrays(found, texts)
    other = [key for key in texts if key not in words]
    words |= dict(zip(other, words_by_code([texts[key] for key in other]), strict=True))
    each = [words[words_key(text)] for text in texts_by_code(codebook, names)]
    return CodeWords(
        vocabulary=frozenset().union(*(one.vocabulary for one in each)), used=tuple(one.used[0] for one in each)
    )


PARTS = ("codes", "words", "known", "used")
WORDS_KEY = digest("words by code")


def words_key(text: str) -> str:
    """Return what the words of the text of a code are kept under."""
    return digest("words", text)


def to_arrays(words: Mapping[str, CodeWords]) -> Arrays:
    """Return the words of codes by ``words_key`` as arrays: keys, all words, (code, word) and (code, word, times)."""
    every = sorted(frozenset().union(*(one.vocabulary.union(*one.used) for one in words.values())))
    at = {word: number for number, word in enumerate(every)}
    known = [(code, at[word]) for code, one in enumerate(words.values()) for word in sorted(one.vocabulary)]
    used = [
        (code, at[word], times)
        for code, one in enumerate(words.values())
        for word, times in sorted(one.used[0].items())
    ]
    return {
        "codes": np.frombuffer("\n".join(words).encode(), np.uint8),
        "words": np.frombuffer("\n".join(every).encode(), np.uint8),
        "known": np.array(known, np.int32).reshape(-1, 2),
        "used": np.array(used, np.int32).reshape(-1, 3),
    }


def from_arrays(arrays: Sequence[NDArray[Any]], wanted: Container[str]) -> dict[str, CodeWords]:
    """Return the words of the codes ``wanted`` that ``to_arrays`` made ``arrays`` of, in the order of ``PARTS``."""
    keys, every = (array.tobytes().decode().split("\n") for array in arrays[:2])
    known, used = arrays[2], arrays[3]
    return {
        key: CodeWords(
            vocabulary=frozenset(every[word] for word in known[known[:, 0] == code, 1].tolist()),
            used=({every[word]: times for word, times in used[used[:, 0] == code, 1:].tolist()},),
        )
        for code, key in enumerate(keys)
        if key in wanted
    }


# --- Which words of a passage speak for a code.

MOST_WORDS = 5
MOST_ASKED = 2

_RUN = re.compile(r"[a-z0-9]+|[^a-z0-9]+")


class WordFinder:
    """Finds known words in a text by the longest match from its end, many times faster than all words are found.

    What is between known words falls into single characters; letters and digits that stand together are one word.
    """

    def __init__(self, vocabulary: Iterable[str]) -> None:
        """Remember the words, which are in simplified characters and small letters, and their lengths by their ends."""
        self._known = frozenset(vocabulary)
        self._lengths: dict[str, list[int]] = {}
        for ending, length in sorted({(word[-2:], len(word)) for word in self._known}, reverse=True):
            self._lengths.setdefault(ending, []).append(length)

    def words(self, text: str) -> list[str]:
        """Return the words of ``text``, which is in simplified characters and small letters; joined they are it."""
        found: list[str] = []
        for run in _RUN.findall(text):
            found += [run] if run[0].isascii() and run[0].isalnum() else self._matched(run)
        return found

    def _matched(self, run: str) -> list[str]:
        found, end, lengths = [], len(run), self._lengths
        while end:
            start = end - 1
            for length in lengths.get(run[end - 2 : end], ()) if end > 1 else ():
                if length <= end and run[end - length : end] in self._known:
                    start = end - length
                    break
            found.append(run[start:end])
            end = start
        return found[::-1]


class WordEvidence:
    """Which words of a passage speak for a code: those that its description and examples use more than others do."""

    def __init__(self, words: CodeWords, indicators: Sequence[Sequence[str]]) -> None:
        """Work out how telling each word is for each code: how many times as often the code uses it as codes do."""
        codes = len(words.used)
        totals = Counter[str]()
        for count in words.used:
            totals.update(count)
        self._finder = WordFinder(words.vocabulary)
        self._telling = [
            {
                word: -times * codes / totals[word]
                for word, times in count.items()
                if times * codes > totals[word] and word not in words_of("no_evidence.txt")
            }
            for count in words.used
        ]
        self._ever_telling = frozenset().union(*self._telling)
        self._indicators = indicators

    def words(self, text: str, codes: Sequence[int]) -> list[tuple[str, ...]]:
        """Return for each of ``codes`` up to five words that stand in ``text``, the most telling first.

        Indicators of the codebook come before others. A word is telling that the code uses more often than a code does
        on average, unless it is one of time, degree or generality (``data/no_evidence.txt``: 一会儿, 有点, 东西).
        """
        said = self._said(text)
        return [self._for_code(text, said, code) for code in codes]

    def _said(self, text: str) -> dict[str, str]:
        """Return the telling words of ``text``, simplified and in small letters, each with how it stands there."""
        copy = _small(simplified(without_placeholders(text)))
        words = list(joined(self._finder.words(copy), simple=True))
        if copy == text:
            return {word: word for word in words if word in self._ever_telling}
        ends = accumulate(map(len, words))
        there = {word: text[end - len(word) : end] for word, end in reversed(list(zip(words, ends, strict=True)))}
        return {word: there[word] for word in there if word in self._ever_telling}

    def _for_code(self, text: str, said: dict[str, str], code: int) -> tuple[str, ...]:
        telling = self._telling[code]
        indicators = [word for word in self._indicators[code] if word in text]
        found = sorted((telling[word], there) for word, there in said.items() if word in telling)
        if indicators:
            shown = "\n".join(indicators)
            found = [(more, word) for more, word in found if word not in shown]
        return tuple([*indicators, *(word for _, word in found)][:MOST_WORDS])


def _small(text: str) -> str:
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


@dataclass(frozen=True, kw_only=True)
class Pools:
    """What a suggestion may point to.

    ``examples`` are the codebook's; ``similar`` tells how near texts are to some of them. ``coded`` are the texts coded
    by hand, ``targets`` their codes, and ``alike`` the similarities of all texts to them, shape ``(n, coded)``; None
    where nothing has been coded. ``first`` brings the log-odds of a first code to those of being right (`first_line`).
    """

    examples: Sequence[CodeExample]
    similar: Similar
    coded: Sequence[str] = ()
    targets: Floats | None = None
    alike: Floats | None = None
    first: tuple[float, float] = (1.0, 0.0)


class Explainer:
    """Knows the words of the codes, and makes ranked codes that say why."""

    def __init__(self, codebook: Codebook | None, names: Sequence[str] | None) -> None:
        """Count the words of the codes."""
        self._codes = code_ids(codebook, names)
        indicators = [sorted(code.indicators) for code in codebook] if codebook else [[] for _ in self._codes]
        self._words = WordEvidence(code_words(codebook, names), indicators)

    def ranked(self, corpus: Corpus, logits: Floats, top: int, pools: Pools) -> list[tuple[RankedCode, ...]]:
        """Return the ``top`` codes of each text with evidence, from log-odds of shape ``(n, codes)``."""
        best = np.argsort(-logits, axis=1, kind="stable")[:, :top]
        reasons = self._reasons(corpus, best, pools)
        likely = np.take_along_axis(sigmoid(logits), best, axis=1)
        likely[:, 0] = first_probabilities(logits, pools.first)
        likely = np.minimum(likely, likely[:, :1])
        scores = np.take_along_axis(logits, best, axis=1).tolist()
        return [
            tuple(
                RankedCode(code_id=self._codes[code], score=score, probability=probability, evidence=reason)
                for code, score, probability, reason in zip(*row, strict=True)
            )
            for row in zip(best.tolist(), scores, likely.tolist(), reasons, strict=True)
        ]

    def _reasons(self, corpus: Corpus, best: Ints, pools: Pools) -> list[list[Evidence]]:
        words = [self._words.words(text, codes) for text, codes in zip(corpus.texts, best.tolist(), strict=True)]
        asked = self._asked(corpus, best, words)
        alike, coded = self._coded(best, pools)
        examples = self._examples(corpus, best, pools, alike)
        return [
            [
                evidence(said, pools.coded[near], count, question)
                if count
                else evidence(said, pools.examples[example].text if example >= 0 else "", 0, question)
                for said, question, count, near, example in zip(*row, strict=True)
            ]
            for row in zip(words, asked, alike.tolist(), coded.tolist(), examples.tolist(), strict=True)
        ]

    def _asked(self, corpus: Corpus, best: Ints, words: list[list[tuple[str, ...]]]) -> list[list[tuple[str, ...]]]:
        """Return the words of each text's question that speak for its codes and do not stand in the text already."""
        if corpus.questions is None or corpus.asked is None:
            return [[()] * len(said) for said in words]
        questions = corpus.questions.texts
        return [
            [
                tuple(word for word in asked if word not in said)[:MOST_ASKED]
                for asked, said in zip(self._words.words(questions[question], codes), row, strict=True)
            ]
            if question >= 0
            else [()] * len(row)
            for question, codes, row in zip(corpus.asked.tolist(), best.tolist(), words, strict=True)
        ]

    def _coded(self, best: Ints, pools: Pools) -> tuple[Ints, Ints]:
        """Return for each code suggested how many of the nearest coded passages carry it, and the nearest that does."""
        kernel, targets = pools.alike, pools.targets
        if kernel is None or targets is None:
            return np.zeros_like(best), np.full_like(best, -1)
        alike = np.take_along_axis(carried_by_nearest(kernel, targets), best, axis=1).astype(np.intp)
        carriers = [np.flatnonzero(column) for column in targets.T]
        return alike, nearest_by_code(best, alike > 0, carriers, lambda rows, some: kernel[np.ix_(rows, some)])

    def _examples(self, corpus: Corpus, best: Ints, pools: Pools, alike: Ints) -> Ints:
        found = np.full_like(best, -1)
        for language, rows in corpus.by_language().items():
            asked = np.zeros(best.shape, bool)
            asked[rows] = alike[rows] == 0
            columns = columns_by_code(pools.examples, len(self._codes), language)
            found = np.maximum(found, nearest_by_code(best, asked, columns, pools.similar))
        return found
