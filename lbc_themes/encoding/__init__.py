"""Texts into vectors."""

from lbc_themes.encoding.protocol import Advance, Encoder, TextKind, Vectors
from lbc_themes.encoding.registry import DEFAULT_ENCODER, encoder_names, load_encoder

__all__ = ["DEFAULT_ENCODER", "Advance", "Encoder", "TextKind", "Vectors", "encoder_names", "load_encoder"]
