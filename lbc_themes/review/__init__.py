"""A page on this machine where people code: suggestions by key, spans by hand, memos, adjudication, progress."""

from lbc_themes.review.server import make_app, serve

__all__ = ["make_app", "serve"]
