"""How long themes take, ours and BERTopic's, each in a process of its own, one after the other in this run.

Texts: passages of spoken-l1 for 1,000 and 3,000; for 20,000 the same passages, each with a sentence of another drawn at
random, for no set at hand is as large. Vectors are the default encoder's, made before; at 20,000 both get the mean of
the two passages' vectors. Processor seconds of the whole process after its imports, on one thread for ours and on as
many as BERTopic takes; memory is the peak of the process. BERTopic has ``language="multilingual"`` and a seed.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.theme_studies import spoken_interviews

NAME = "themes_speed"
QUESTION = "How long do themes take, beside BERTopic in the same run?"
DATA = ("spoken-l1",)
SEED = 0
PACKAGES = ("bertopic", "hdbscan", "umap-learn")
NOTE = """
Processor seconds, so that what else the machine does counts little; seconds by the clock are those of a busy machine.
"""

SIZES = "1000,3000,20000"
RUN = """
import json, resource, sys, time
import numpy as np
from pathlib import Path
from benchmarks.theme_methods import bertopic_as_it_comes, ours
from benchmarks.theme_studies import Study
import bertopic, umap, hdbscan
folder, which = Path(sys.argv[1]), sys.argv[2]
held = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
study = Study(tuple(held["texts"]), tuple(held["groups"]), tuple(held["groups"]))
study.__dict__["vectors"] = np.load(folder / "vectors.npy")
wall, processor = time.perf_counter(), time.process_time()
if which == "ours":
    labels = ours(study, 0, clusterer="consensus.v1", number="auto")
else:
    labels = bertopic_as_it_comes(study, 0)
print(json.dumps({
    "processor seconds": time.process_time() - processor, "seconds by the clock": time.perf_counter() - wall,
    "peak GiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024,
    "themes": len(set(labels.tolist()) - {-1}),
}))
"""


def main(data: Path) -> dict[str, Any]:
    """Return one table for each size, one row for each of the two."""
    study = spoken_interviews(data)
    sizes = [int(size) for size in os.environ.get("LBC_THEMES_SIZES", SIZES).split(",")]
    return {
        f"{size:,} passages": {which: _measured(study, size, which) for which in ("ours", "BERTopic")} for size in sizes
    }


def _measured(study: Any, size: int, which: str) -> dict[str, float]:  # noqa: ANN401 (a Study)
    chance, count = np.random.default_rng(SEED), len(study.texts)
    first = np.resize(chance.permutation(count), size)
    texts, vectors = [study.texts[i] for i in first], study.vectors[first]
    if size > count:
        second = chance.integers(0, count, size)
        texts = [f"{text}。{study.texts[i]}" for text, i in zip(texts, second, strict=True)]
        vectors = (vectors + study.vectors[second]) / 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        held = {"texts": texts, "groups": [study.groups[i] for i in first]}
        (folder / "texts.json").write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")
        np.save(folder / "vectors.npy", vectors)
        command = [sys.executable, "-c", RUN, str(folder), which]
        ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent)  # noqa: S603 (our own words)
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found
