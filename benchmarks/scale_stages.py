"""One stage of a large run in a process of its own: what it took, as one line of JSON. See ``scale.py``."""

import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.scale_texts import write_interviews
from lbc_themes import scale
from lbc_themes.scale import steps, work
from lbc_themes.scale.parts import read_texts, write_part
from lbc_themes.scale.sample import joined
from lbc_themes.suggest.features import corpus_of

FILES_A_PART = 100
ANSWERS_A_PASSAGE = 0.893
"""The segmenter cuts long answers in two: so many answers make one passage."""


class Clock:
    """Adds up the processor seconds and the seconds of named things."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.processor: defaultdict[str, float] = defaultdict(float)
        self.wall: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        """Add what happens inside to ``name``."""
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.wall[name] += time.perf_counter() - wall
        self.processor[name] += time.process_time() - processor


def prepare(folder: Path, passages: int, clock: Clock) -> None:
    """Write interviews, then read and segment them into parts."""
    if not (folder / "interviews").exists():
        write_interviews(folder / "interviews", round(passages * ANSWERS_A_PASSAGE))
    with clock.on("read and segment"):
        scale.prepare(folder / "interviews", folder / "parts", FILES_A_PART)


def apart(folder: Path, passages: int, clock: Clock) -> None:  # noqa: ARG001 (every stage is called alike)
    """Do what ``scale.run`` does, one thing after another, each under its own clock."""
    options = scale.Options()
    parts = scale.parts_of(folder / "parts")
    with clock.on("draw a sample"):
        sample = joined([work.draw(part, options) for part in parts], options.sample)
    with clock.on("learn from the sample"):
        plan = scale.plan_of(sample, options)
    for part in parts:
        with clock.on("read and write parts"):
            frame = read_texts(part)
        with clock.on("encode"):
            vectors = steps.encoded(frame, plan)
        with clock.on("count n-grams"):
            corpus = corpus_of(frame["text"].tolist(), vectors)
        with clock.on("suggest"):
            said = steps.suggested(corpus, plan)
        with clock.on("assign themes"):
            themes = steps.assigned(corpus, plan)
        with clock.on("read and write parts"):
            write_part(frame[["id"]].join(said).join(themes), folder / "apart" / part.name)


def whole(folder: Path, passages: int, clock: Clock) -> None:  # noqa: ARG001 (every stage is called alike)
    """Do it all by ``scale.run``, as a user would."""
    with clock.on("lbc.scale.run"):
        scale.run(folder / "parts", folder / "out")


STAGES = {"prepare": prepare, "apart": apart, "whole": whole}


def main() -> None:
    """Run the stage, in the folder, for the number of passages that the command line names."""
    name, folder, passages = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    clock = Clock()
    STAGES[name](folder, passages, clock)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024) / 1024
    print(json.dumps({"processor": clock.processor, "wall": clock.wall, "peak GiB": peak}))


if __name__ == "__main__":
    main()
