"""The library's encoder (int8, onnxruntime) beside sentence-transformers (float32, PyTorch) on the same weights.

The same texts go through both in one run on the same cores, in turns, several times. The ratio is that of each turn, so
that other work on the machine weighs on both sides. It does not weigh alike, though: PyTorch's threads wait for one
another in every layer, those of the library do not, so a busy machine flatters the library. Hence the same race with
one thread each, and the ratio by processor time: the row and column to go by where the load was high. 150 distinct
texts of each set, drawn with seed 0: passages of two sets as the library segments them, and interview answers.
sentence-transformers is given the batch size, of three, that is fastest for it here. Nothing is taken from a cache.

Fidelity is the cosine of the two vectors of a text. E5's vectors lie in a narrow cone, where even unlike texts have
cosines of .75 and more; so the cosine of vectors less their set's mean is given too, and how many of a text's ten
nearest texts are the same. "Alone and together" counts the texts whose vector is not bit for bit the same when encoded
alone, in the whole set, and in a set in another order.

The bare product is onnxruntime's MatMulInteger on the shapes of the model's own matrices, run as the encoder runs: one
thread a core, each with a text of its own; beside it the same product in float32. "Of the bare product" is the share of
that rate which the encoder reaches in its matrices, the time for everything else (tokens, attention, normalisation)
included.

The float32 weights do not travel with the project. They are built by ``python models/build_e5_small_zh.py --out
build/e5-small-zh --reference FOLDER`` (its head names the packages that it needs); give FOLDER with ``--e5-reference``
or LBC_E5_REFERENCE.
"""

import csv
import os
import random
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lbc_themes.core.assets import model_folder, sha256_of
from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.encoding import Encoder, Vectors, load_encoder
from lbc_themes.encoding.encoder import OnnxEncoder
from lbc_themes.reading import read_transcripts
from lbc_themes.segmenting import segment

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

NAME = "encoder"
QUESTION = "How fast is the encoder, and how true to the float32 weights?"
DATA = ("spoken-l1", "interviews-game", "pdis-interviews")
SEED = 0
PACKAGES = ("tokenizers", "sentence-transformers", "transformers", "torch", "onnx")
NOTE = """
The aim is four times sentence-transformers at the same number of threads, and five if it can be had. Four is reached
with answers and spoken passages, with one thread and with two, and missed with the longer passages of pdis-interviews
(3.8); five is not reached. Texts of the same number of tokens run together, with fixed scales and nothing padded, so
the gain grows with the number of texts: among 150 few are of one length. The bare int8 product is itself only about
three and a half times the float32 one: that bounds what int8 can give here. What was tried and gave less: padded
batches, MatMulNBits with four and with eight bits (half the speed of MatMulInteger and less), SkipLayerNormalization,
signed activations (s8s8: many times slower), scales by channel in QuantizeLinear (many times slower). Not built: texts
of unlike length in one product, which needs a graph of several attentions; a table in place of Gelu; fewer inner units
or layers, which need distilling.

E5's vectors lie in a narrow cone, so the cosines of the first columns say less than they seem to: go by those less the
mean, and by the ten nearest. The loss against the original float32 weights, which went through four bits before they
came here, is not measured.
"""

TEXTS = 150
TURNS = 5
BATCHES = (8, 16, 32)
LAYERS, HIDDEN, INNER = 12, 384, 1536
MATRICES = ((HIDDEN, HIDDEN),) * 4 + ((HIDDEN, INNER), (INNER, HIDDEN))
"""The matrices of one layer: query, key, value and output of attention, and the two of the inner layer."""

HOW_TO_BUILD = (
    "build it with `python models/build_e5_small_zh.py --out build/e5-small-zh --reference FOLDER` "
    "and give FOLDER with --e5-reference or LBC_E5_REFERENCE"
)


def main(data: Path) -> dict[str, Any]:
    """Return speed, fidelity and the bare product; ``data`` holds the folders of the sets."""
    encoder, reference = load_encoder(), load_reference()
    sets = text_sets(data)
    first = next(iter(sets))
    batch = best_batch(reference, sets[first])
    speed, fidelity = {f"{first}, one thread each": race_of_one(reference, sets[first], batch)}, {}
    for name, texts in sets.items():
        speed[name], (ours, theirs) = race(encoder, reference, texts, batch)
        fidelity[name] = likeness(ours, theirs) | {"alone and together: differing": changed_by_company(encoder, texts)}
    return {
        f"Speed, texts a second (medians of {TURNS} turns; batches of {batch} for sentence-transformers)": speed,
        "Fidelity to float32": fidelity,
        "The bare int8 product and the encoder": {name: bare_product(encoder, some) for name, some in sets.items()},
    }


def reference_folder() -> Path:
    """Return the folder of the float32 weights, after checking that it has the tokenizer of the library's model."""
    named = os.environ.get("LBC_E5_REFERENCE", "")
    folder = Path(named)
    if not named or not (folder / "model.safetensors").is_file():
        raise InputError(
            f"no float32 weights to compare with in {named or 'any folder that was named'}: {HOW_TO_BUILD}"
        )
    if sha256_of(folder / "tokenizer.json") != sha256_of(model_folder("e5-small-zh") / "tokenizer.json"):
        raise InputError(
            f"the tokenizer in {folder} is not that of models/e5-small-zh, so neither are the weights: {HOW_TO_BUILD}"
        )
    return folder


def load_reference() -> "SentenceTransformer":
    """Return the float32 model, on every core that this process may use."""
    folder = reference_folder()
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    try:
        import torch
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise MissingExtraError(
            package="sentence-transformers", extra="sentence-transformers", purpose="the encoder benchmark"
        ) from error
    torch.set_num_threads(cores())
    return SentenceTransformer(str(folder), device="cpu")


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def text_sets(data: Path) -> dict[str, list[str]]:
    """Return up to 150 distinct texts of each set."""
    with (data / "interviews-game" / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        answers = [text.strip() for row in list(csv.reader(file))[1:] for text in row[1:]]
    return {
        "spoken-l1 passages": _some(_passages(data / "spoken-l1" / "L1-L1 transcripts")),
        "interviews-game answers": _some(answers),
        "pdis-interviews passages": _some(_passages(data / "pdis-interviews" / "md")),
    }


def _passages(folder: Path) -> list[str]:
    return [passage.text for passage in segment(read_transcripts(folder))]


def _some(texts: list[str]) -> list[str]:
    distinct = sorted({text for text in texts if text.strip()})
    return random.Random(SEED).sample(distinct, min(TEXTS, len(distinct)))  # noqa: S311 (a sample, no secret)


def float32(reference: "SentenceTransformer", texts: list[str], batch: int) -> Vectors:
    """Encode as the library does, with the other library and weights."""
    prefixed = [f"passage: {text}" for text in texts]
    made = reference.encode(prefixed, batch_size=batch, normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(made, np.float32)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What one turn took, in seconds by the clock and of processor time, and what it made."""

    clock: float
    processor: float
    vectors: Vectors


def timed(work: Callable[[], Vectors]) -> Turn:
    """Run ``work`` once."""
    clock, processor = time.perf_counter(), time.process_time()
    vectors = work()
    return Turn(clock=time.perf_counter() - clock, processor=time.process_time() - processor, vectors=vectors)


def best_batch(reference: "SentenceTransformer", texts: list[str]) -> int:
    """Return the batch size at which the other library is fastest on 48 of ``texts``."""
    some = texts[:48]
    float32(reference, some, BATCHES[0])
    return min(BATCHES, key=lambda batch: min(timed(lambda: float32(reference, some, batch)).clock for _ in range(2)))


def race(
    encoder: Encoder, reference: "SentenceTransformer", texts: list[str], batch: int
) -> tuple[dict[str, Any], tuple[Vectors, Vectors]]:
    """Return the speeds of both in turns, and the vectors of both."""
    encoder.encode(texts[:20])
    turns = [
        (timed(lambda: encoder.encode(texts)), timed(lambda: float32(reference, texts, batch))) for _ in range(TURNS)
    ]
    ratios = [theirs.clock / ours.clock for ours, theirs in turns]
    row = {
        "texts": len(texts),
        "characters a text": round(statistics.mean(map(len, texts)), 1),
        encoder.name: len(texts) / statistics.median(ours.clock for ours, _ in turns),
        "sentence-transformers float32": len(texts) / statistics.median(theirs.clock for _, theirs in turns),
        "times as fast": statistics.median(ratios),
        "in the worst turn": min(ratios),
        "in the best turn": max(ratios),
        "by processor time": statistics.median(theirs.processor / ours.processor for ours, theirs in turns),
    }
    return row, (turns[-1][0].vectors, turns[-1][1].vectors)


def race_of_one(reference: "SentenceTransformer", texts: list[str], batch: int) -> dict[str, Any]:
    """Return the speeds of both with one thread each."""
    import torch

    torch.set_num_threads(1)
    row, _ = race(OnnxEncoder(model_folder("e5-small-zh"), threads=1), reference, texts, batch)
    torch.set_num_threads(cores())
    return row


def likeness(ours: Vectors, theirs: Vectors) -> dict[str, float]:
    """Return how alike the rows of two arrays of unit vectors are."""
    cosines = (ours * theirs).sum(axis=1)
    moved = [rows - rows.mean(axis=0) for rows in (ours, theirs)]
    units = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in moved]
    near = [np.argsort(-(rows @ rows.T - 2 * np.eye(len(rows))), axis=1)[:, :10] for rows in (ours, theirs)]
    same = [len(set(a) & set(b)) / 10 for a, b in zip(*near, strict=True)]
    return {
        "cosine, mean": float(cosines.mean()),
        "cosine, worst": float(cosines.min()),
        "less the mean: cosine, mean": float((units[0] * units[1]).sum(axis=1).mean()),
        "same among the ten nearest": float(np.mean(same)),
    }


def changed_by_company(encoder: Encoder, texts: list[str], some: int = 100) -> int:
    """Return for how many of ``some`` texts the vector depends on what is encoded beside it, to the last bit."""
    together = encoder.encode(texts)
    other = random.Random(SEED).sample(range(len(texts)), len(texts))  # noqa: S311 (an order, no secret)
    shuffled = np.empty_like(together)
    shuffled[other] = encoder.encode([texts[i] for i in other])
    alone = [encoder.encode([text])[0] for text in texts[:some]]
    return sum(not (row.tobytes() == together[i].tobytes() == shuffled[i].tobytes()) for i, row in enumerate(alone))


def bare_product(encoder: Encoder, texts: list[str]) -> dict[str, Any]:
    """Return multiply-adds a second of the bare product and of the encoder, in turns."""
    lengths = token_counts(texts)
    mean = statistics.mean(lengths)
    product, floats = products(round(mean)), products(round(mean), whole=False)
    bare, slow, ours = [], [], []
    for _ in range(TURNS):
        bare.append(product())
        slow.append(floats())
        ours.append(sum(map(work_of, lengths)) / timed(lambda: encoder.encode(texts)).clock)
    return {
        "tokens a text": round(mean, 1),
        "bare product, 10⁹ a second": statistics.median(bare) / 1e9,
        "the same in float32": statistics.median(slow) / 1e9,
        "int8 to float32": statistics.median(one / other for one, other in zip(bare, slow, strict=True)),
        "encoder, 10⁹ a second": statistics.median(ours) / 1e9,
        "of the bare product": statistics.median(mine / peak for mine, peak in zip(ours, bare, strict=True)),
    }


def work_of(tokens: int) -> int:
    """Return the multiply-adds in the matrices for one text."""
    return LAYERS * tokens * sum(rows * columns for rows, columns in MATRICES)


def token_counts(texts: list[str]) -> list[int]:
    """Return how many tokens the model reads for each text."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model_folder("e5-small-zh") / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return [len(found.ids) for found in tokenizer.encode_batch([f"passage: {text}" for text in texts])]


def products(tokens: int, layers: int = 240, *, whole: bool = True) -> Callable[[], float]:
    """Return a function that runs the matrices of ``layers`` layers on each core and returns multiply-adds a second.

    ``whole`` numbers are int8 weights and uint8 inputs; otherwise both are float32.
    """
    session, inputs = product_session(tokens, whole=whole)
    work = layers * cores() * tokens * sum(rows * columns for rows, columns in MATRICES)

    def once(_: int) -> None:
        for _ in range(layers):
            session.run(None, inputs)

    def measured() -> float:
        begin = time.perf_counter()
        with ThreadPoolExecutor(cores()) as pool:
            list(pool.map(once, range(cores())))
        return work / (time.perf_counter() - begin)

    measured()
    return measured


def product_session(tokens: int, *, whole: bool) -> tuple[Any, dict[str, Any]]:
    """Return a session that multiplies by the matrices of one layer, and inputs for it."""
    import onnxruntime

    try:
        from onnx import TensorProto, helper, numpy_helper
    except ImportError as error:
        raise InputError(
            "the bare product needs the package onnx, as building the model does: pip install onnx"
        ) from error
    chance = np.random.default_rng(SEED)
    weights, values = (np.int8, np.uint8) if whole else (np.float32, np.float32)
    nodes, constants = [], []
    for i, shape in enumerate(MATRICES):
        constants.append(numpy_helper.from_array(chance.integers(-127, 127, shape).astype(weights), f"w{i}"))
        nodes.append(helper.make_node("MatMulInteger" if whole else "MatMul", [f"x{shape[0]}", f"w{i}"], [f"y{i}"]))
    inputs = {f"x{width}": chance.integers(0, 255, (tokens, width)).astype(values) for width in (HIDDEN, INNER)}
    kinds = (TensorProto.UINT8, TensorProto.INT32) if whole else (TensorProto.FLOAT, TensorProto.FLOAT)
    given = [helper.make_tensor_value_info(name, kinds[0], list(x.shape)) for name, x in inputs.items()]
    made = [helper.make_tensor_value_info(f"y{i}", kinds[1], [tokens, n]) for i, (_, n) in enumerate(MATRICES)]
    graph = helper.make_graph(nodes, "products", given, made, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"]), inputs
