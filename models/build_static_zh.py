"""Build models/static-zh: a vector a word, distilled from e5-small-zh.

    pip install 'model2vec[distill]==0.10.0' safetensors
    python models/build_static_zh.py --reference FOLDER --out models/static-zh [--work FOLDER]

FOLDER of ``--reference`` holds the float32 weights that ``build_e5_small_zh.py --reference`` writes. First model2vec
passes each word of the vocabulary through the model by itself. Then, as in its companion tokenlearn, the word vectors
are fitted so that their sum comes near the vector of the whole text, on the project's own invented sentences, cut up,
joined and with other words of the dictionary put in (see ``building/static_texts.py``). No data set is used. The same
inputs on the same machine give the same bytes; ``--work`` keeps the slow steps.
"""

import argparse
import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from build_e5_small_zh import write_checksums
from building.static_texts import clauses, dictionary, exchanged, joined, own_texts, word_counts
from building.static_tokenizer import UNKNOWN, with_words
from building.static_training import Floats, standardised, targets_of, trained
from tokenizers import Tokenizer

from lbc_themes.core.assets import model_folder
from lbc_themes.encoding.encoder import OnnxEncoder

ROOT = Path(__file__).parent.parent
DICTIONARY = 45_000
JOINED, EXCHANGED = 12_000, 60_000
ASCII_PIECES, WORDS = 6_000, 30_000
DIMENSIONS = 256
MEAN_REMOVED = 1.0
"""Chosen on the zero-shot ranking of two sets of interviews; learning and the ranking of three other sets are level."""


def kept(folder: Path | None, name: str, make: Callable[[], Floats]) -> Floats:
    """Return the array that ``make`` makes, from ``folder`` where it was made before."""
    path = folder / f"{name}.npy" if folder else None
    if path and path.exists():
        held: Floats = np.load(path).astype(np.float32)
        return held
    made = make()
    if path:
        np.save(path, made)
    return made


def texts() -> dict[str, list[str]]:
    """Return the texts to learn from, by the way they were made."""
    chance = random.Random(0)  # noqa: S311 (a sample, no secret)
    own = own_texts(ROOT / "corpora" / "zhuzhai-demo" / "interviews")
    pieces = clauses(own)
    return {
        "own": own + pieces,
        "joined": list(joined(pieces, JOINED, chance)),
        "exchanged": list(exchanged(pieces, dictionary(DICTIONARY), EXCHANGED, chance)),
    }


def start_of(vocabulary: list[str], reference: Path) -> Floats:
    """Return features of each word: what the model makes of it alone, and the mean of its pieces' input vectors."""
    from model2vec.distill.inference import create_embeddings
    from transformers import AutoModel

    whole = Tokenizer.from_file(str(reference / "tokenizer.json"))
    known = whole.get_vocab()
    ids = [[0, known[word], 2] if word in known else _pieces(whole, word) for word in vocabulary]
    model = AutoModel.from_pretrained(str(reference))
    alone = create_embeddings(model, ids, "cpu", pad_token_id=1)
    table = model.embeddings.word_embeddings.weight.detach().numpy()
    shallow = np.stack([table[some[1:-1]].mean(axis=0) for some in ids])
    return np.hstack([alone, shallow]).astype(np.float32)


def _pieces(whole: Tokenizer, word: str) -> list[int]:
    found = whole.encode(word)
    mark = 1 if found.tokens[1] == "\u2581" else 0
    return [found.ids[0], *found.ids[1 + mark :]]


def write_model(folder: Path, vectors: Floats, tokenizer: dict[str, Any]) -> None:
    """Write int8 rows with a float32 weight each, in the form of model2vec."""
    from safetensors.numpy import save_file

    largest = np.abs(vectors).max(axis=1)
    weights = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    rows = np.round(vectors / weights[:, None]).astype(np.int8)
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"embeddings": rows, "weights": weights}, folder / "model.safetensors")
    content = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(content, encoding="utf-8")
    config = {
        "name": "static-zh", "version": "v1", "dimensions": vectors.shape[1], "model_type": "model2vec",
        "architectures": ["StaticModel"], "tokenizer_name": "e5-small-zh.v1", "hidden_dim": vectors.shape[1],
        "normalize": True, "max_length": None, "embedding_dtype": "int8", "mean_removed": MEAN_REMOVED,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    write_checksums(folder, ("config.json", "model.safetensors", "tokenizer.json"))


def main() -> None:
    """Build the model folder."""
    options = argparse.ArgumentParser(description="Build models/static-zh.")
    options.add_argument("--reference", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--work", type=Path)
    chosen = options.parse_args()
    if chosen.work:
        chosen.work.mkdir(parents=True, exist_ok=True)
    teacher = OnnxEncoder(model_folder("e5-small-zh"))
    some = texts()
    taught = {name: kept(chosen.work, name, partial(teacher.encode, part)) for name, part in some.items()}
    whole = json.loads((chosen.reference / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer = with_words(whole, word_counts(DICTIONARY), ASCII_PIECES, WORDS)
    vocabulary = [piece for piece, _ in tokenizer["model"]["vocab"]]
    start = kept(chosen.work, "start", lambda: start_of(vocabulary[1:], chosen.reference))
    half = start.shape[1] // 2
    features = np.hstack([standardised(start[:, :half]), standardised(start[:, half:])])
    features = np.vstack([np.zeros((1, start.shape[1]), np.float32), features])
    reader = Tokenizer.from_str(json.dumps(tokenizer))
    every = [text for part in some.values() for text in part]
    read = [found.ids for found in reader.encode_batch_fast(every, add_special_tokens=False)]
    targets = targets_of(np.vstack(list(taught.values())), taught["own"], DIMENSIONS)
    vectors = trained(read, targets, features)
    vectors[vocabulary.index(UNKNOWN)] = 0
    write_model(chosen.out, vectors, tokenizer)


if __name__ == "__main__":
    main()
