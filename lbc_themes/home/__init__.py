"""The home page: studies listed, made and looked after from a browser alone, on this machine."""

from lbc_themes.home.server import serve_home

__all__ = ["serve_home"]
