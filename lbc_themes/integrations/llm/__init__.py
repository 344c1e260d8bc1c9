"""A second opinion on suggestions from a language model that runs on the same machine; off unless it is called."""

from lbc_themes.integrations.llm.opinion import second_opinion

__all__ = ["second_opinion"]
