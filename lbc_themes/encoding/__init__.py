"""Texts into vectors."""

from lbc_themes.encoding.cache import CacheInfo, VectorCache, default_cache
from lbc_themes.encoding.protocol import Advance, Encoder, TextKind, Vectors
from lbc_themes.encoding.registry import DEFAULT_ENCODER, checked_name, encoder_names, load_encoder

__all__ = [
    "DEFAULT_ENCODER", "Advance", "CacheInfo", "Encoder", "TextKind", "VectorCache", "Vectors", "checked_name",
    "default_cache", "encoder_names", "load_encoder",
]  # fmt: skip
