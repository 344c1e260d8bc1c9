"""Make the figures of irrCAC that ``tests/data/agreement_irrcac.json`` holds.

irrCAC pins an old scipy, so it gets an environment of its own:

    python3.11 -m venv build/irrcac && build/irrcac/bin/pip install irrCAC==0.4.4
    build/irrcac/bin/python benchmarks/irrcac_oracle.py tests/data/agreement_irrcac.json
"""

import importlib
import json
import random
import sys
from pathlib import Path
from typing import Any

CASES = ((30, 2, 2, 0.0), (40, 2, 4, 0.0), (25, 3, 2, 0.0), (50, 5, 3, 0.0), (40, 4, 3, 0.3), (60, 6, 5, 0.5))
METHODS = {"fleiss_kappa": "fleiss", "ac1": "gwet", "brennan_prediger": "bp", "alpha": "krippendorff"}

Ratings = list[list[int | None]]


def main(out: Path) -> dict[str, Any]:
    """Write the ratings and figures of every case to ``out`` and return them."""
    chance = random.Random(20160)  # noqa: S311 (made-up ratings, no secret)
    cases = [_case(_ratings(chance, *shape)) for shape in CASES]
    found = {"made_by": "benchmarks/irrcac_oracle.py with irrCAC 0.4.4", "cases": cases}
    out.write_text(json.dumps(found) + "\n", encoding="utf-8")
    return found


def _ratings(chance: random.Random, units: int, coders: int, values: int, missing: float) -> Ratings:
    """Return units by coders; six in ten ratings are the unit's true value, and two or more a unit are there."""
    rows: Ratings = []
    for _ in range(units):
        true = chance.randrange(values)
        row: list[int | None] = [true if chance.random() < 0.6 else chance.randrange(values) for _ in range(coders)]
        for coder in chance.sample(range(coders), coders - 2):
            row[coder] = None if chance.random() < missing else row[coder]
        rows.append(row)
    return rows


def _case(ratings: Ratings) -> dict[str, Any]:
    pandas, raw = importlib.import_module("pandas"), importlib.import_module("irrCAC.raw")
    frame = pandas.DataFrame(ratings, dtype=float)
    study = raw.CAC(frame, digits=10)
    figures = {name: getattr(study, method)()["est"] for name, method in METHODS.items()}
    found = {name: float(figure["coefficient_value"]) for name, figure in figures.items()}
    return {"ratings": ratings, "figures": found | {"percent": float(figures["fleiss_kappa"]["pa"])}}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
