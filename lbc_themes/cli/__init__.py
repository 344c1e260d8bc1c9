"""The command line."""

from lbc_themes.cli.app import main

__all__ = ["main"]
