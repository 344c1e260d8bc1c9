"""Encoders by name."""

from collections.abc import Callable

from lbc_themes.assets import model_folder
from lbc_themes.encoding.e5_onnx import E5OnnxEncoder
from lbc_themes.encoding.protocol import Encoder
from lbc_themes.encoding.sentence_transformer import SentenceTransformerEncoder
from lbc_themes.errors import InputError

DEFAULT_ENCODER = "e5-small-zh.v1"
SENTENCE_TRANSFORMERS = "sentence-transformers:"

_MAKERS: dict[str, Callable[[], Encoder]] = {
    DEFAULT_ENCODER: lambda: E5OnnxEncoder(model_folder("e5-small-zh")),
}


def encoder_names() -> tuple[str, ...]:
    """Return the versioned names of the encoders that travel with the library."""
    return tuple(_MAKERS)


def load_encoder(name: str = DEFAULT_ENCODER) -> Encoder:
    """Return the encoder ``name``.

    ``name`` is a versioned name ("e5-small-zh.v1"), the same without its version, which means the newest, or
    "sentence-transformers:" and a folder or hub name. Anything else is refused with the list of names.

    >>> load_encoder("e5-small-zh").name
    'e5-small-zh.v1'
    """
    if name.startswith(SENTENCE_TRANSFORMERS) and name != SENTENCE_TRANSFORMERS:
        return SentenceTransformerEncoder(name.removeprefix(SENTENCE_TRANSFORMERS))
    newest = [known for known in _MAKERS if name in (known, known.rpartition(".")[0])]
    if not newest:
        raise InputError(f"no encoder {name!r}; known: {', '.join(_MAKERS)}, {SENTENCE_TRANSFORMERS}FOLDER_OR_NAME")
    return _MAKERS[newest[-1]]()
