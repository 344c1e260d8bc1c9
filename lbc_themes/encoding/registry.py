"""Encoders by name."""

from collections.abc import Callable
from pathlib import Path

from lbc_themes.core.assets import model_folder
from lbc_themes.core.errors import InputError
from lbc_themes.encoding.cache import CachedEncoder, VectorCache, shipped_vectors
from lbc_themes.encoding.onnx_encoder import OnnxEncoder
from lbc_themes.encoding.protocol import Encoder
from lbc_themes.encoding.sentence_transformer import SentenceTransformerEncoder
from lbc_themes.encoding.static import StaticEncoder

DEFAULT_ENCODER = "e5-small-zh.v1"
FAST_ENCODER = "static-zh.v1"
SENTENCE_TRANSFORMERS = "sentence-transformers:"

_MAKERS: dict[str, Callable[[], Encoder]] = {
    DEFAULT_ENCODER: lambda: OnnxEncoder(model_folder("e5-small-zh")),
    FAST_ENCODER: lambda: StaticEncoder(model_folder("static-zh")),
}


def encoder_names() -> tuple[str, ...]:
    """Return the versioned names of the encoders that travel with the library."""
    return tuple(_MAKERS)


def load_encoder(name: str = DEFAULT_ENCODER, cache: Path | None = None) -> Encoder:
    """Return the encoder ``name``; with ``cache``, a file, its vectors are kept there and looked up before encoding.

    ``name`` is a versioned name ("e5-small-zh.v1"), the same without its version, which means the newest, or
    "sentence-transformers:" and a folder or hub name. Anything else is refused with the list of names. Vectors of
    "static-zh.v1" are made faster than they are looked up, so it keeps none.

    >>> load_encoder("e5-small-zh").name
    'e5-small-zh.v1'
    """
    known = checked_name(name)
    if known not in _MAKERS:
        return _kept(SentenceTransformerEncoder(name.removeprefix(SENTENCE_TRANSFORMERS)), cache)
    return _kept(_MAKERS[known](), cache)


def checked_name(name: str) -> str:
    """Return an encoder's whole name, without loading anything; refuse one that is not known.

    >>> checked_name("e5-small-zh")
    'e5-small-zh.v1'
    """
    if name.startswith(SENTENCE_TRANSFORMERS) and name != SENTENCE_TRANSFORMERS:
        return name
    newest = [known for known in _MAKERS if name in (known, known.rpartition(".")[0])]
    if not newest:
        raise InputError(f"no encoder {name!r}; known: {', '.join(_MAKERS)}, {SENTENCE_TRANSFORMERS}FOLDER_OR_NAME")
    return newest[-1]


def _kept(encoder: Encoder, cache: Path | None) -> Encoder:
    if isinstance(encoder, StaticEncoder):
        return encoder
    return CachedEncoder(encoder, VectorCache(cache) if cache else None, [shipped_vectors])
