"""What every encoder read from a folder of models/ has: its config.json, its versioned name, its tokenizer."""

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class ModelFolder:
    """A folder with config.json and tokenizer.json; nothing is read before it is asked for."""

    folder: Path

    @cached_property
    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        return config

    @property
    def name(self) -> str:
        """The versioned name, e.g. "e5-small-zh.v1"."""
        return f"{self._config['name']}.{self._config['version']}"

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._config["dimensions"])

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        tokenizer: Tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer
