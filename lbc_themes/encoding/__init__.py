"""Texts into vectors."""

from lbc_themes.encoding.added import AddedEncoder, Card, added_encoders
from lbc_themes.encoding.cache import CacheInfo, VectorCache, WorkAhead, default_cache, work_ahead
from lbc_themes.encoding.conversion import add_encoder, remove_encoder
from lbc_themes.encoding.encoder import MEAN_REMOVED, Advance, Encoder, TextKind, Vectors, mean_removed_by
from lbc_themes.encoding.registry import BEST, DEFAULT_ENCODER, checked_name, encoder_names, load_encoder

__all__ = [
    "BEST", "DEFAULT_ENCODER", "MEAN_REMOVED", "AddedEncoder", "Advance", "CacheInfo", "Card", "Encoder", "TextKind",
    "VectorCache", "Vectors", "WorkAhead", "add_encoder", "added_encoders", "checked_name", "default_cache",
    "encoder_names", "load_encoder", "mean_removed_by", "remove_encoder", "work_ahead",
]  # fmt: skip
