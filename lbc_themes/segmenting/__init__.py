"""Segmenting: transcripts become passages, and texts become words and cues."""

from lbc_themes.segmenting.cues import Cue, cues
from lbc_themes.segmenting.lexicon import LexiconWord, load_lexicon
from lbc_themes.segmenting.passages import segment
from lbc_themes.segmenting.words import content_words, cut

__all__ = ["Cue", "LexiconWord", "content_words", "cues", "cut", "load_lexicon", "segment"]
