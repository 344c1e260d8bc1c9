"""Segmenting: transcripts become passages, and texts become words and cues."""

from lbc_themes.segmenting.cues import Cue, cues
from lbc_themes.segmenting.passages import segment
from lbc_themes.text.words import LexiconWord, content_words, cut, load_lexicon

__all__ = ["Cue", "LexiconWord", "content_words", "cues", "cut", "load_lexicon", "segment"]
