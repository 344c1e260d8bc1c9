"""What each stage of a large run takes at 1,000 to 1,000,000 passages on one machine, and how it grows.

The passages are made: interviews of a hundred answers, drawn anew from the codebook's own invented sentences with other
numbers, relatives and openings. They come back many times over, as no real corpus does; time and memory are what they
are for. Each size runs in processes of its own: one reads and segments the interviews into parquet parts; one does what
``lbc.scale.run`` does, each stage under its own clock; one calls ``lbc.scale.run`` as a user would. The encoder is
static-zh.v1, the sample 3,000 passages, one thread.

Figures are processor seconds (of one core, so that other work on the machine does not count) and the peak of resident
memory of the process. The exponent is the slope of log seconds over log passages between the two largest sizes: 1 means
that twice the passages take twice the time, 0 that size does not matter. A stage that is one cost for starting and one
for each passage comes near 1 only where the passages outweigh the start.

The sizes are taken from LBC_SCALE_SIZES (default 1000,10000,100000,1000000), the folder for the passages and results
from LBC_SCALE_WORK (default: a temporary one). A million passages take about 3 GB there; a run that was killed goes on
where it was, and its clock then tells the rest alone.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

NAME = "scale"
QUESTION = "How long and how much memory does a corpus of a thousand to a million passages take?"
DATA = ()
SEED = 0
PACKAGES = ("pyarrow", "pandas", "dask")
NOTE = """
Memory hardly grows with the corpus: its peak is the theme model's on the sample and the part in hand. Every stage but
the sample's grows in step with the passages or a little less, for the larger sizes hold more sentences that came
before. The rows at 100,000 were measured earlier, on a busier machine: seconds by the clock there are more than twice
what they would be, and processor seconds somewhat dearer, so the exponents, from 100,000 to 1,000,000, are a little
low.
"""

SIZES = "1000,10000,100000,1000000"
ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "images" / "scale.svg"


def main(data: Path) -> dict[str, Any]:  # noqa: ARG001 (every benchmark is called with the folder)
    """Return seconds by stage and size, exponents, and memory; draw the picture."""
    sizes = [int(size) for size in os.environ.get("LBC_SCALE_SIZES", SIZES).split(",")]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.environ.get("LBC_SCALE_WORK") or temporary)
        measured = {size: one_size(folder / str(size), size) for size in sizes}
    rows = by_stage(measured)
    from benchmarks.scale_picture import picture

    PICTURE.write_text(picture(rows, sizes), encoding="utf-8")
    return {
        "Processor seconds by stage": [_row(stage, seconds) for stage, seconds in rows.items()],
        "The whole": [
            {
                "": f"{size:,} passages wanted",
                "passages": found["passages"],
                "read and segment: peak GiB": found["prepare"]["peak GiB"],
                "lbc.scale.run: processor seconds": found["whole"]["processor"]["lbc.scale.run"],
                "lbc.scale.run: seconds by the clock": found["whole"]["wall"]["lbc.scale.run"],
                "lbc.scale.run: peak GiB": found["whole"]["peak GiB"],
                "parts in, MB": found["MB in"],
                "parts out, MB": found["MB out"],
            }
            for size, found in measured.items()
        ],
    }


def one_size(folder: Path, size: int) -> dict[str, Any]:
    """Run the three processes for one size, or take what they measured before from ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    for stage in ("prepare", "apart", "whole"):
        kept = folder / f"{stage}.json"
        if not kept.exists():
            kept.write_text(_process(stage, folder, size), encoding="utf-8")
        found[stage] = json.loads(kept.read_text(encoding="utf-8"))
    import pyarrow.parquet as pq

    came, went = ((folder / place).glob("*.parquet") for place in ("parts", "out/passages"))
    parts = list(came)
    return found | {
        "passages": sum(pq.read_metadata(part).num_rows for part in parts),
        "MB in": sum(part.stat().st_size for part in parts) / 1e6,
        "MB out": sum(part.stat().st_size for part in went) / 1e6,
    }


def _process(stage: str, folder: Path, size: int) -> str:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "benchmarks.scale_stages", stage, str(folder), str(size)]
    done = subprocess.run(  # noqa: S603 (fixed words)
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | threads, cwd=ROOT
    )
    return done.stdout.splitlines()[-1]


def by_stage(measured: dict[int, dict[str, Any]]) -> dict[str, dict[int, float]]:
    """Return processor seconds by stage and number of passages."""
    rows: dict[str, dict[int, float]] = {}
    for found in measured.values():
        for stage, seconds in (found["prepare"]["processor"] | found["apart"]["processor"]).items():
            rows.setdefault(stage, {})[found["passages"]] = seconds
    return rows


def exponent(seconds: dict[int, float]) -> float | None:
    """Return the slope between the two largest sizes, None where there is one size."""
    (small, less), (large, more) = sorted(seconds.items())[-2:] if len(seconds) > 1 else ((1, 1.0), (1, 1.0))
    return math.log(max(more, 1e-6) / max(less, 1e-6)) / math.log(large / small) if large > small else None


def _row(stage: str, seconds: dict[int, float]) -> dict[str, Any]:
    most = max(seconds)
    sizes = {f"{size:,}": value for size, value in sorted(seconds.items())}
    return {"": stage, **sizes, "exponent": exponent(seconds), "microseconds a passage": 1e6 * seconds[most] / most}
