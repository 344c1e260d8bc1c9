"""Suggests codes and candidate themes for Mandarin interview transcripts; a person decides."""

import os

import lazy_loader

# onnxruntime reports its use to its maker unless this is set before it is first imported; a choice made outside stands.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
