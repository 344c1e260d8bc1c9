"""Measure how large the activations of e5-small-zh grow, on the project's own texts: models/building/activations.json.

    pip install sentence-transformers
    python models/build_e5_small_zh.py --out build/e5-small-zh --reference FOLDER
    python models/measure_e5_activations.py --reference FOLDER

The 8-bit graph needs fixed scales; they come from 250 passages of the invented interviews in corpora/ and 150 texts of
the codebooks, drawn with seed 0, through the float32 model. No text of a benchmark is among them. The file is kept
with the build script, rounded, so that building gives the same bytes everywhere.
"""

import argparse
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from building.spreading import measured_layer
from numpy.typing import NDArray

from lbc_themes.codebook import load_codebook
from lbc_themes.core.assets import codebook_names
from lbc_themes.reading import read_transcripts
from lbc_themes.segmenting import segment
from lbc_themes.suggest.features import texts_to_encode

ROOT = Path(__file__).parent
PASSAGES, CODE_TEXTS, SEED = 250, 150, 0
PLACES = {
    "in": "attention.self", "attended": "attention.output.dense", "middle": "intermediate", "bent": "output.dense",
}  # fmt: skip
"""The module of a layer whose input is meant."""


class Extent:
    """The least, the greatest, mean and spread of each channel, gathered from several arrays of rows."""

    def __init__(self) -> None:
        """Begin with no rows."""
        self.rows: list[NDArray[np.float16]] = []

    def add(self, rows: NDArray[np.float32]) -> None:
        """Take in ``rows`` of shape (tokens, channels)."""
        self.rows.append(rows.astype(np.float16))

    def channels(self) -> dict[str, NDArray[np.float64]]:
        """Return the figures, one a channel."""
        every = np.concatenate(self.rows).astype(np.float64)
        return {"low": every.min(0), "high": every.max(0), "mean": every.mean(0), "spread": every.std(0)}


def texts() -> list[str]:
    """Return the texts to measure on."""
    passages = [p.text for p in segment(read_transcripts(ROOT.parent / "corpora" / "zhuzhai-demo" / "interviews"))]
    of_codes = [t for name in codebook_names() for some in texts_to_encode(load_codebook(name)).values() for t in some]
    chance = random.Random(SEED)  # noqa: S311 (a sample, no secret)
    return chance.sample(passages, PASSAGES) + chance.sample(of_codes, CODE_TEXTS)


def watched(layers: Any) -> list[dict[str, Extent]]:  # noqa: ANN401 (a torch module)
    """Return for each layer what will have been seen at its places, once texts have run."""
    extents = []
    for layer in layers:
        seen = {place: Extent() for place in PLACES}
        for place, name in PLACES.items():

            def hook(_module: Any, given: Any, keywords: Any, extent: Extent = seen[place]) -> None:  # noqa: ANN401
                first = given[0] if given else keywords["hidden_states"]
                extent.add(first.detach().numpy()[0])

            layer.get_submodule(name).register_forward_pre_hook(hook, with_kwargs=True)
        extents.append(seen)
    return extents


def main() -> None:
    """Run the texts one at a time and write what was seen."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--reference", type=Path, required=True)
    chosen = options.parse_args()
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(chosen.reference), device="cpu")
    layers: Any = model.get_submodule("0.auto_model.encoder.layer")
    extents = watched(layers)
    for text in texts():
        model.encode(f"passage: {text}", show_progress_bar=False)
    measured = []
    for layer, seen in zip(layers, extents, strict=True):
        narrow = layer.output.dense.weight.detach().numpy()
        measured.append(measured_layer({place: extent.channels() for place, extent in seen.items()}, narrow))
    path = ROOT / "building" / "activations.json"
    path.write_text("[\n" + ",\n".join(json.dumps(layer) for layer in measured) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
