"""Encoders that a person added: where they are, and what their cards say."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.encoding.encoder import MEAN_REMOVED

CARD_NAME = "config.json"
ENVIRONMENT = "LBC_ENCODERS"


@dataclass(frozen=True, kw_only=True)
class Card:
    """What an added encoder is and how well it stands for the model that it was made of.

    ``fidelity_mean`` and ``fidelity_least`` are cosines to the model's own float32 vectors; ``parameters`` leaves out
    the word embeddings; ``size`` is in bytes; ``speed`` in passages a second on the machine that converted it;
    ``mean_removed`` is a constant of the ranking (`protocol.mean_removed_by`), to be changed in config.json.
    """

    name: str
    version: str
    source: str
    architecture: str
    licence: str
    source_sha256: str
    parameters: int
    dimensions: int
    max_tokens: int
    pooling: str
    prefixes: Mapping[str, str]
    size: int
    fidelity_mean: float
    fidelity_least: float
    speed: float
    mean_removed: float = MEAN_REMOVED

    @property
    def full_name(self) -> str:
        """The versioned name that a run records."""
        return f"{self.name}.{self.version}"


@dataclass(frozen=True, kw_only=True)
class AddedEncoder:
    """An encoder in the user's data folder."""

    folder: Path
    card: Card


def encoders_folder() -> Path:
    """Return the folder of added encoders: what the environment variable LBC_ENCODERS names, or the user's own."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("lbc_themes") / "encoders"


def added_encoders() -> dict[str, AddedEncoder]:
    """Return the encoders that were added, by name, the strongest first: that with the most parameters."""
    home = encoders_folder()
    paths = sorted(home.glob(f"[!.]*/{CARD_NAME}")) if home.is_dir() else []
    found = [AddedEncoder(folder=path.parent, card=_read(path)) for path in paths]
    return {each.card.name: each for each in sorted(found, key=lambda each: -each.card.parameters)}


def _read(path: Path) -> Card:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Card(**{each.name: content[each.name] for each in fields(Card) if each.name in content})
    except (ValueError, TypeError) as fault:
        raise InputError(message("encoding.bad_card", path=path, reason=fault)) from fault
