"""Is anything slower than it was, beside a fixed piece of work that stands for the machine? Run by make bench-quick.

    python -m benchmarks.quick            # compare with benchmarks/quick.json; exit code 1 where something is slower
    python -m benchmarks.quick --write    # take what was measured as the new measure; needed once, on a quiet machine

Absolute times differ between machines. So each thing is timed in turns with a reference of the same kind in the same
process (numpy's matrix product, or a loop of plain Python), and the ratio of the two medians is compared with the
committed one. By processor time, one thread. A ratio may be half as large again before it is a fault, a cut that keeps
quiet on a busy machine and tells a slip of algorithm. A thing without a committed ratio is shown and not judged.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 (its threads are chosen when it is loaded)

KEPT = Path(__file__).parent / "quick.json"
TOLERANCE = 1.5
TURNS = 3


def product() -> None:
    """Multiply matrices: stands for what is vectors and networks."""
    rows = np.random.default_rng(0).normal(size=(1200, 1200)).astype(np.float32)
    for _ in range(8):
        rows = np.tanh(rows @ rows / 40)


def plain_python() -> None:
    """Count letters in a loop: stands for what is text."""
    counts: dict[str, int] = {}
    for letter in "想妈妈的时候就看看星星" * 30_000:
        counts[letter] = counts.get(letter, 0) + 1


def things() -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Return what is timed, each with its reference; all is loaded and warm."""
    import lbc_themes as lbc
    from benchmarks.scale_texts import sentences
    from lbc_themes.core.assets import model_folder
    from lbc_themes.encoding.encoder import OnnxEncoder
    from lbc_themes.themes import ThemeModel

    folder = Path(__file__).parent.parent / "corpora" / "zhuzhai-demo" / "interviews"
    texts, transcripts = sentences(), lbc.read_transcripts(folder)
    whole, fast = OnnxEncoder(model_folder("e5-small-zh"), threads=1), lbc.load_encoder("static-zh.v1")
    codebook, vectors = lbc.load_codebook("left-behind-children"), fast.encode(texts)
    suggester = lbc.CodeSuggester(codebook, encoder=fast)
    passages = lbc.segment(transcripts)
    held = fast.encode([passage.text for passage in passages])
    return {
        "read the demonstration": (lambda: lbc.read_transcripts(folder), plain_python),
        "segment the demonstration": (lambda: lbc.segment(transcripts), plain_python),
        "encode 60 texts, e5-small-zh": (lambda: whole.encode(texts[:60]), product),
        "encode 2,000 texts, static-zh": (lambda: fast.encode(texts[:2000]), plain_python),
        "rank 2,000 texts": (lambda: suggester.rank(texts[:2000], vectors[:2000]), product),
        "suggest for the demonstration": (lambda: suggester.suggest(passages, vectors=held), plain_python),
        "themes of the demonstration": (lambda: ThemeModel().fit(passages, held), product),
    }


def ratio(work: Callable[[], object], reference: Callable[[], object]) -> float:
    """Return how many times as long as its reference a thing takes, medians of turns."""
    work()
    reference()
    pairs = [(_seconds(work), _seconds(reference)) for _ in range(TURNS)]
    return statistics.median(one for one, _ in pairs) / statistics.median(other for _, other in pairs)


def _seconds(action: Callable[[], object]) -> float:
    begin = time.process_time()
    action()
    return time.process_time() - begin


def main() -> int:
    """Measure, compare, and say what is slower."""
    options = argparse.ArgumentParser(description="Compare ratios of times with the committed ones.")
    options.add_argument("--write", action="store_true", help="take these ratios as the new measure")
    chosen = options.parse_args()
    found = {name: round(ratio(*pair), 3) for name, pair in things().items()}
    if chosen.write:
        KEPT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    slower = [name for name, value in found.items() if value > TOLERANCE * kept.get(name, float("inf"))]
    for name, value in found.items():
        print(f"{name:32} {value:8.3f}   committed {kept.get(name, '–')}{'   SLOWER' * (name in slower)}")
    return int(bool(slower))


if __name__ == "__main__":
    sys.exit(main())
