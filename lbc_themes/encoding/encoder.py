"""What an encoder is, what those that are read from a folder have in common, and the default one."""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer


Vectors = NDArray[np.float32]
TextKind = Literal["passage", "query"]
Advance = Callable[[int], None]


MEAN_REMOVED = 0.75
"""The share of the mean vector that is taken off where an encoder says nothing else: E5's vectors lie in a narrow cone,
and all of the mean is too much where one topic rules a corpus (measured on two data sets, docs/benchmarks.md)."""


class Encoder(Protocol):
    """Turns texts into unit vectors. ``name`` is versioned ("e5-small-zh.v1") and is what a run records."""

    @property
    def name(self) -> str:
        """The versioned name."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        ...

    def encode(self, texts: Sequence[str], kind: TextKind = "passage", advance: Advance | None = None) -> Vectors:
        """Return float32 rows of shape ``(len(texts), dimensions)``, each of unit length or, for blank text, zero."""
        ...


def mean_removed_by(encoder: Encoder) -> float:
    """Return the share of a corpus's mean vector that is taken off the vectors of ``encoder`` before they are compared.

    It is a trait of an encoder, 0 to 1: its attribute ``mean_removed``, which stands in its card (config.json), or 0.75
    where it has none.
    """
    share = float(getattr(encoder, "mean_removed", MEAN_REMOVED))
    if not 0 <= share <= 1:
        raise InputError(message("encoding.mean_removed_share", name=encoder.name, share=share))
    return share


class ModelFolder:
    """A folder with config.json and tokenizer.json; nothing is read before it is asked for."""

    folder: Path

    @cached_property
    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        return config

    @property
    def name(self) -> str:
        """The versioned name, e.g. "e5-small-zh.v1"."""
        return f"{self._config['name']}.{self._config['version']}"

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._config["dimensions"])

    @property
    def mean_removed(self) -> float:
        """The share of a corpus's mean vector that is taken off before vectors are compared; see `mean_removed_by`."""
        return float(self._config.get("mean_removed", MEAN_REMOVED))

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        tokenizer: Tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer


# --- The default encoder: multilingual-e5-small cut to Chinese, int8, on onnxruntime, without a network.

TOKENS_A_RUN = 256
"""So many tokens keep the 8-bit products busy; more were measured to bring nothing."""
RUNS_A_THREAD = 4
"""Few texts are cut into so many runs for each thread at least, so that none waits long for another at the end."""


class OnnxEncoder(ModelFolder):
    """Encodes with an E5 model in ``folder`` (model.onnx, tokenizer.json, config.json).

    Texts of the same number of tokens are run together, on ``threads`` threads (default: every core this process may
    use). Nothing is padded and the scales of the activations are fixed, so the vector of a text is the same to the last
    bit whatever texts stand beside it.
    Wang et al. (2024), "Multilingual E5 Text Embeddings", arXiv:2402.05672: mean over tokens, unit length, prefixes
    "query: " and "passage: ".
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        """Remember the choices; the model is read when the first text is encoded."""
        self.folder = folder
        self.threads = threads

    def __getstate__(self) -> dict[str, Any]:
        """Send only where the model is and how it is run: another process reads it anew."""
        return {"folder": self.folder, "threads": self.threads}

    @property
    def workers(self) -> int:
        """The number of threads that texts are run on."""
        return self.threads or _usable_cores()

    @cached_property
    def _session(self) -> "InferenceSession":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        model = str(self.folder / "model.onnx")
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def encode(self, texts: Sequence[str], kind: TextKind = "passage", advance: Advance | None = None) -> Vectors:
        """Return unit vectors of shape ``(len(texts), 384)``, float32.

        Blank text gets a zero row. A text of more than 512 tokens is cut into windows; its vector is the mean of the
        windows' vectors weighted by their tokens, brought to unit length. ``advance`` is called with the number of
        texts done since the last call.
        """
        prefix = self._prefix(kind)
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        wanted = [i for i, text in enumerate(texts) if text.strip()]
        windows = self._windows(self.tokens([texts[i] for i in wanted], kind), prefix)
        begins = [place == 0 for of_one in windows for place in range(len(of_one))]
        rows = self._rows([window for of_one in windows for window in of_one], begins, advance)
        at = 0
        for i, of_one in zip(wanted, windows, strict=True):
            vectors[i] = _mean(rows[at : at + len(of_one)], of_one)
            at += len(of_one)
        if advance and len(wanted) < len(texts):
            advance(len(texts) - len(wanted))
        return vectors

    def tokens(self, texts: Sequence[str], kind: TextKind = "passage") -> list[list[int]]:
        """Return the tokens' numbers of each text with its prefix, however many they are."""
        prefix = self._prefix(kind)
        return [encoding.ids for encoding in self._tokenizer.encode_batch([prefix + text for text in texts])]

    def _prefix(self, kind: str) -> str:
        prefixes: dict[str, str] = self._config["prefixes"]
        if kind not in prefixes:
            raise InputError(message("encoding.kind_must_one", prefixes=[*sorted(prefixes)], kind=kind))
        return prefixes[kind]

    def _windows(self, prefixed: list[list[int]], prefix: str) -> list[list[list[int]]]:
        longest = int(self._config["max_tokens"])
        head = self._tokenizer.encode(prefix.strip()).ids[:-1]
        room = longest - len(head) - 1
        found = []
        for ids in prefixed:
            if len(ids) <= longest:
                found.append([ids])
            else:
                body, last = ids[len(head) : -1], ids[-1]
                found.append([[*head, *body[i : i + room], last] for i in range(0, len(body), room)])
        return found

    def _rows(self, windows: list[list[int]], begins: list[bool], advance: Advance | None) -> Vectors:
        """Return the vector of each window; ``advance`` is told of those that begin a text."""
        rows = np.zeros((len(windows), self.dimensions), np.float32)
        session = self._session

        def run(together: list[int]) -> Vectors:
            made: Vectors = session.run(None, {"input_ids": np.array([windows[i] for i in together], np.int64)})[0]
            return made

        runs = _runs([len(window) for window in windows], self.workers)
        with ThreadPoolExecutor(self.workers) as pool:
            for together, made in zip(runs, pool.map(run, runs), strict=True):
                rows[together] = made
                if advance and (begun := sum(begins[i] for i in together)):
                    advance(begun)
        return rows


def _runs(lengths: list[int], workers: int) -> list[list[int]]:
    """Return which texts run together, by their ``lengths`` in tokens: only the same length, the longest first."""
    room = min(TOKENS_A_RUN, sum(lengths) // (RUNS_A_THREAD * workers))
    runs = []
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    for length, same in groupby(order, key=lambda i: lengths[i]):
        alike = list(same)
        size = max(1, room // length)
        runs += [alike[i : i + size] for i in range(0, len(alike), size)]
    return runs


def _mean(rows: Vectors, windows: list[list[int]]) -> Vectors:
    if len(rows) == 1:
        only: Vectors = rows[0]
        return only
    mean = np.average(rows, axis=0, weights=[len(ids) for ids in windows])
    unit: Vectors = (mean / np.linalg.norm(mean)).astype(np.float32)
    return unit


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
