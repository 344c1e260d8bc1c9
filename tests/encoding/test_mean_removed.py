"""How much of a corpus's mean vector is taken off: a trait of each encoder, in its card."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lbc_themes.core.errors import InputError
from lbc_themes.encoding import MEAN_REMOVED, load_encoder, mean_removed_by
from lbc_themes.encoding.cache import CachedEncoder
from lbc_themes.encoding.static import StaticEncoder
from lbc_themes.suggest import CodeSuggester


def encoder(folder: Path, **more: float) -> Any:
    (folder / "config.json").write_text(json.dumps({"name": "a", "version": "v1", "dimensions": 4, **more}))
    return StaticEncoder(folder)


def test_it_stands_in_the_card_and_shows_through_the_cache(tmp_path: Path) -> None:
    inner = encoder(tmp_path, mean_removed=0.4)
    assert mean_removed_by(inner) == mean_removed_by(CachedEncoder(inner, None)) == 0.4


def test_without_it_the_default_counts(tmp_path: Path) -> None:
    assert mean_removed_by(encoder(tmp_path)) == MEAN_REMOVED
    bare: Any = SimpleNamespace(name="a", dimensions=4)
    assert mean_removed_by(bare) == MEAN_REMOVED


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_that_is_none_is_refused(tmp_path: Path, share: float) -> None:
    with pytest.raises(InputError, match="mean_removed"):
        mean_removed_by(encoder(tmp_path, mean_removed=share))


def test_the_encoders_of_the_library_have_their_own() -> None:
    assert mean_removed_by(load_encoder("e5-small-zh")) == 0.75
    assert mean_removed_by(load_encoder("static-zh")) == 1.0


def test_the_suggester_goes_by_its_encoder() -> None:
    for name in ("e5-small-zh", "static-zh"):
        suggester = CodeSuggester(codes=["学校", "家"], encoder=name)
        corpus = suggester.corpus(["我想家。", "我上学。"])
        assert corpus.mean_removed == mean_removed_by(load_encoder(name))
