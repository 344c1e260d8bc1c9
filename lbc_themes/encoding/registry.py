"""Encoders by name."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from lbc_themes.core.assets import model_folder
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.encoding.added import added_encoders
from lbc_themes.encoding.cache import CachedEncoder, VectorCache, shipped_vectors
from lbc_themes.encoding.encoder import Encoder, OnnxEncoder
from lbc_themes.encoding.sentence_transformer import SentenceTransformerEncoder
from lbc_themes.encoding.static import StaticEncoder

DEFAULT_ENCODER = "e5-small-zh.v1"
FAST_ENCODER = "static-zh.v1"
SENTENCE_TRANSFORMERS = "sentence-transformers:"
BEST = "best"
"""Asks for the strongest encoder that is there: the largest of those added, else the default."""

_MAKERS: dict[str, Callable[[], Encoder]] = {
    DEFAULT_ENCODER: lambda: OnnxEncoder(model_folder("e5-small-zh")),
    FAST_ENCODER: lambda: StaticEncoder(model_folder("static-zh")),
}


@cache
def _shipped(name: str) -> Encoder:
    """Return the encoder ``name`` that travels with the library; its weights are read once a process."""
    return _MAKERS[name]()


def encoder_names() -> tuple[str, ...]:
    """Return the versioned names of the encoders that travel with the library."""
    return tuple(_MAKERS)


def load_encoder(name: str = DEFAULT_ENCODER, cache: Path | None = None) -> Encoder:
    """Return the encoder ``name``; with ``cache``, a file, its vectors are kept there and looked up before encoding.

    ``name`` is a versioned name ("e5-small-zh.v1"), the same without its version, which means the newest, the name of
    an encoder that ``add_encoder`` made, "best" for the strongest that is there, or "sentence-transformers:" and a
    folder or hub name. Vectors of "static-zh.v1" are made faster than they are looked up, so it keeps none.

    Raises InputError for any other name, with the list of names.

    >>> load_encoder("e5-small-zh").name
    'e5-small-zh.v1'
    """
    known = checked_name(name)
    if known in _MAKERS:
        return _kept(_shipped(known), cache)
    added = next((each for each in added_encoders().values() if each.card.full_name == known), None)
    if added is not None:
        return _kept(OnnxEncoder(added.folder), cache)
    return _kept(SentenceTransformerEncoder(name.removeprefix(SENTENCE_TRANSFORMERS)), cache)


def checked_name(name: str) -> str:
    """Return an encoder's whole name, without loading anything. Raises InputError for one that is not known.

    >>> checked_name("e5-small-zh")
    'e5-small-zh.v1'
    """
    if name.startswith(SENTENCE_TRANSFORMERS) and name != SENTENCE_TRANSFORMERS:
        return name
    shipped = [known for known in _MAKERS if name in (known, known.rpartition(".")[0])]
    if shipped:
        return shipped[-1]
    added = added_encoders()
    if name == BEST:
        return next((each.card.full_name for each in added.values()), DEFAULT_ENCODER)
    for each in added.values():
        if name in (each.card.name, each.card.full_name):
            return each.card.full_name
    raise InputError(message("encoding.unknown_encoder", name=name, known=[*_MAKERS, *added]))


def _kept(encoder: Encoder, cache: Path | None) -> Encoder:
    if isinstance(encoder, StaticEncoder):
        return encoder
    return CachedEncoder(encoder, VectorCache(cache) if cache else None, [shipped_vectors])
