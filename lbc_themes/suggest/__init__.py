"""Suggesting codes."""

from lbc_themes.suggest.suggester import CodeSuggester

__all__ = ["CodeSuggester"]
