"""Data frames: made as pandas makes them, and refused with the command that installs it."""

import sys

import pytest

from lbc_themes.core.errors import MissingExtraError
from lbc_themes.core.frames import data_frame


def test_a_frame_has_the_names_and_the_type_asked_for() -> None:
    frame = data_frame([[1, 2]], columns=["a", "b"], index=["x"], dtype=int, purpose="f()")
    assert frame.to_dict("index") == {"x": {"a": 1, "b": 2}}
    assert data_frame([], columns=["a"], purpose="f()").columns.tolist() == ["a"]


def test_without_pandas_a_frame_is_refused_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError) as refused:
        data_frame([], purpose="ThemeModel.to_frame()")
    assert str(refused.value).endswith(
        "ThemeModel.to_frame() needs the package pandas: pip install 'lbc_themes[frames]'"
    )
