"""A folder of 1.3 million characters of interviews is read and segmented, each in a fresh copy of the folder.

The files are whole interviews of two sets in the order of their names, some of them twice, until there are 1.3 million
characters.
Reading is everything from bytes to turns with roles; segmenting is everything from turns to passages, with the words
cut and the boundaries weighed. The peers only cut the same turns into words or sentences: jieba as it comes, spaCy's
blank Chinese pipeline with its sentencizer (which takes each character for a word), and the same with jieba's words.
Loading is measured apart, and all run in turns, twice; means are given. Everything runs in one thread, so the
processor's seconds are those of a machine with nothing else to do; the clock's are those of the machine as it was.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from statistics import mean
from typing import Any

from lbc_themes.core.records import Transcript
from lbc_themes.reading import read_transcripts
from lbc_themes.segmenting import cut, segment

NAME = "reading_speed"
QUESTION = "How long does it take to read and segment a folder of 1.3 million characters?"
DATA = ("pdis-interviews", "spoken-l1")
PACKAGES = ("jieba", "spacy")
NOTE = """
The aim is under 20 seconds. The folder takes five seconds of one processor, nine tenths of them for segmenting, which
cuts the same words as plain jieba in about the same time and weighs the boundaries besides. spaCy's blank pipeline is
faster because it cuts no words.
"""

CHARACTERS = 1_300_000
TURNS = 2

Spent = tuple[float, float]
Work = Callable[[Sequence[Transcript]], object]


def main(data: Path) -> dict[str, Any]:
    """Return seconds and characters a second for the library's stages and the peers."""
    files = _files(data)
    ways: dict[str, Work] = {
        "segmented": segment,
        "jieba's words": _by_jieba(),
        "spaCy blank, sentencizer": _by_spacy("char"),
        "spaCy with jieba's words, sentencizer": _by_spacy("jieba"),
    }
    loading = _timed(lambda: cut("先装好词典。"))
    spent: dict[str, list[Spent]] = {name: [] for name in ("read", *ways)}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(TURNS):
            copy = _copied(files, Path(folder) / str(turn))
            begin = _now()
            transcripts = read_transcripts(copy)
            spent["read"].append(_since(begin))
            for name, work in ways.items():
                spent[name].append(_timed(lambda do=work, given=transcripts: do(given)))  # type: ignore[misc]
    both = zip(spent["read"], spent["segmented"], strict=True)
    spent["read and segmented"] = [(a[0] + b[0], a[1] + b[1]) for a, b in both]
    size = sum(len(transcript.text) for transcript in transcripts)
    rows = {name: _row(seconds, size) for name, seconds in spent.items()}
    return {
        "Seconds": rows,
        "The folder": {"files": len(files), "characters": size, "turns": sum(len(t.turns) for t in transcripts)},
        "Loading the dictionary": {"processor seconds": loading[1]},
    }


def _files(data: Path) -> list[Path]:
    spoken = sorted((data / "spoken-l1" / "L1-L1 transcripts").glob("*.txt"))
    public = sorted((data / "pdis-interviews" / "md").glob("*.md"))
    chosen, length = [], 0
    for file in cycle([*spoken, *public]):
        if length >= CHARACTERS:
            break
        chosen.append(file)
        length += len(file.read_text(encoding="utf-8"))
    return chosen


def _copied(files: Sequence[Path], folder: Path) -> Path:
    folder.mkdir()
    for number, file in enumerate(files):
        shutil.copy(file, folder / f"{number:03}-{file.name}")
    return folder


def _now() -> Spent:
    return time.perf_counter(), time.process_time()


def _since(begin: Spent) -> Spent:
    now = _now()
    return now[0] - begin[0], now[1] - begin[1]


def _timed(work: Callable[[], object]) -> Spent:
    begin = _now()
    work()
    return _since(begin)


def _row(spent: Sequence[Spent], size: int) -> dict[str, float]:
    processor = mean(cpu for _, cpu in spent)
    return {
        "processor seconds": processor,
        "characters a second": round(size / processor),
        "seconds by the clock": mean(wall for wall, _ in spent),
    }


def _by_jieba() -> Work:
    import jieba

    jieba.setLogLevel("WARNING")
    jieba.initialize()
    return lambda transcripts: [jieba.lcut(t.said(turn)) for t in transcripts for turn in t.turns]


def _by_spacy(segmenter: str) -> Work:
    from spacy.lang.zh import Chinese

    nlp = Chinese.from_config({"nlp": {"tokenizer": {"segmenter": segmenter}}})
    nlp.add_pipe("sentencizer")
    return lambda transcripts: [list(nlp(t.said(turn)).sents) for t in transcripts for turn in t.turns]
