"""Data frames for scripts of analysis. pandas is an extra: only what hands out a frame needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lbc_themes.core.errors import MissingExtraError

if TYPE_CHECKING:
    import pandas as pd

    from lbc_themes.core.records import Bilingual


def data_frame(
    rows: Any,  # noqa: ANN401 (whatever pandas.DataFrame takes)
    *,
    purpose: str | Bilingual,
    columns: list[str] | None = None,
    index: list[str] | None = None,
    dtype: type | None = None,
) -> pd.DataFrame:
    """Return ``rows`` as pandas.DataFrame does with the same ``columns``, ``index`` and ``dtype``.

    Args:
        rows: Rows, or columns by name.
        purpose: What needs pandas, as the refusal says it: the call, such as "ThemeModel.to_frame()".
        columns: Names of the columns, also where there is no row.
        index: Names of the rows; their numbers unless given.
        dtype: Type of every cell; by column unless given.

    Raises:
        MissingExtraError: pandas is not installed (extra ``frames``).
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingExtraError(package="pandas", extra="frames", purpose=purpose) from error
    return pd.DataFrame(rows, columns=columns, index=index, dtype=dtype)
