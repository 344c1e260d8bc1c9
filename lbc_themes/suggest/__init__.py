"""Suggesting codes, learning from decisions, and saying where coder and machine disagree."""

from lbc_themes.suggest.active_learning import Changes
from lbc_themes.suggest.disagreements import Disagreements, MixedUp, Slip
from lbc_themes.suggest.storage import load_suggester
from lbc_themes.suggest.suggester import CodeSuggester

__all__ = ["Changes", "CodeSuggester", "Disagreements", "MixedUp", "Slip", "load_suggester"]
