"""Texts to teach static word vectors with: the project's own invented sentences, cut up, joined, and with other words.

Nothing that anybody said is in them, and no data set. A sentence whose nouns, verbs and adjectives were exchanged for
others of the dictionary makes little sense, but it shows the teacher every word among others of spoken Chinese.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import jieba
import jieba.posseg

from lbc_themes.codebook import load_codebook
from lbc_themes.reading import read_transcripts
from lbc_themes.segmenting import segment
from lbc_themes.suggest.features import texts_to_encode

CODEBOOK = "left-behind-children"
EXCHANGED = frozenset({"n", "v", "vn", "a", "an", "ad", "d", "i", "l", "z", "t", "s", "b", "nz", "f", "m"})
SHARE_EXCHANGED = 0.5

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_CLAUSE = re.compile(r"[^，。！？；、,.!?;\n]+[，。！？；、,.!?;]*")


def own_texts(interviews: Path) -> list[str]:
    """Return every invented text of the project once: utterances, codebook, and the passages of the interviews."""
    codebook = load_codebook(CODEBOOK)
    texts = [text for some in texts_to_encode(codebook).values() for text in some]
    for code in codebook:
        rules = [rule.text for rule in (*code.include, *code.exclude)]
        texts += [part.said(language) for part in (code.brief, code.definition, *rules) for language in ("zh", "en")]
    texts += [passage.text for passage in segment(read_transcripts(interviews))]
    return list(dict.fromkeys(text for text in texts if text.strip()))


def _rows(most: int) -> list[tuple[str, int, str]]:
    path = Path(jieba.__file__).parent / "dict.txt"
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    words = [(row[0], int(row[1]), row[2]) for row in rows if len(row) == 3]
    fit = [row for row in words if 2 <= len(row[0]) <= 4 and _HAN.fullmatch(row[0]) and not row[2].startswith("nr")]
    return sorted(fit, key=lambda row: (-row[1], row[0]))[:most]


def dictionary(most: int) -> dict[str, str]:
    """Return the ``most`` most frequent Chinese words of two to four characters with their parts of speech."""
    return {word: tag for word, _, tag in _rows(most)}


def word_counts(most: int) -> dict[str, int]:
    """Return the same words with their frequencies, the most frequent first."""
    return {word: count for word, count, _ in _rows(most)}


def clauses(texts: list[str]) -> list[str]:
    """Return the Chinese clauses of ``texts``, each once."""
    found = [clause.strip() for text in texts for clause in _CLAUSE.findall(text)]
    return list(dict.fromkeys(clause for clause in found if len(_HAN.findall(clause)) and len(clause) >= 3))


def joined(pieces: list[str], count: int, chance: random.Random) -> Iterator[str]:
    """Yield ``count`` texts of one to six clauses that stood apart before."""
    for _ in range(count):
        yield "".join(chance.choice(pieces) for _ in range(chance.randint(1, 6)))


def exchanged(pieces: list[str], words: dict[str, str], count: int, chance: random.Random) -> Iterator[str]:
    """Yield ``count`` texts of one to three clauses in which about half of the content words are others of their kind.

    Every word of the dictionary has its turn before any comes again.
    """
    pools: defaultdict[str, list[str]] = defaultdict(list)
    for word, tag in words.items():
        pools[tag].append(word)
    for pool in pools.values():
        chance.shuffle(pool)
    turns = {tag: cycle(pool) for tag, pool in pools.items()}
    tagged = [[(pair.word, pair.flag) for pair in jieba.posseg.cut(piece)] for piece in pieces]
    for _ in range(count):
        pairs = [pair for _ in range(chance.randint(1, 3)) for pair in chance.choice(tagged)]
        yield "".join(
            next(turns[tag]) if tag in EXCHANGED and tag in turns and chance.random() < SHARE_EXCHANGED else word
            for word, tag in pairs
        )
