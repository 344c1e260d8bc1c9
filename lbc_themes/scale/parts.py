"""Parts of a corpus: a folder of parquet files, each written whole or not at all."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.files import private_folder, private_replace
from lbc_themes.core.messages import message

if TYPE_CHECKING:
    import pandas as pd

TEXT_COLUMNS = ("id", "text")


def parquet() -> Any:  # noqa: ANN401 (pyarrow is optional and has no types)
    """Return the module that reads and writes parquet; refuses with the command that installs it and pandas."""
    try:
        import pandas  # noqa: F401, ICN001 (parts are data frames everywhere below)
        import pyarrow.parquet as module
    except ImportError as error:
        package = "pandas" if error.name == "pandas" else "pyarrow"
        raise MissingExtraError(package=package, extra="dask", purpose=message("core.purpose.parquet")) from error
    return module


def parts_of(folder: str | Path) -> list[Path]:
    """Return the parquet files of ``folder`` (or the one file given) in the order of their names."""
    path = Path(folder)
    found = [path] if path.is_file() else sorted(path.glob("*.parquet"))
    if not found:
        raise InputError(message("scale.no_parquet_file_give", path=path))
    return found


def read_part(path: Path, columns: Sequence[str] | None = None) -> "pd.DataFrame":
    """Return one part; refuses a file that is not parquet."""
    reader = parquet()
    try:
        frame: pd.DataFrame = reader.read_table(path, columns=list(columns) if columns else None).to_pandas()
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())
        raise InputError(message("scale.read_parquet_write_again", path=path, said=said)) from error
    return frame


def read_texts(path: Path) -> "pd.DataFrame":
    """Return a part of passages; refuses one that lacks ``id`` or ``text``, or has ids twice."""
    frame = read_part(path)
    lacking = [column for column in TEXT_COLUMNS if column not in frame]
    if lacking:
        raise InputError(
            message(
                "scale.no_column_part_needs", path=path, lacking=[*lacking], text_columns=" and ".join(TEXT_COLUMNS)
            )
        )
    if frame["text"].isna().any() or not frame["id"].is_unique:
        raise InputError(message("scale.every_row_needs_text", path=path))
    return frame.assign(id=frame["id"].astype(str), text=frame["text"].astype(str)).reset_index(drop=True)


def write_part(frame: "pd.DataFrame", path: Path) -> Path:
    """Write ``frame`` beside ``path`` and put it in place in one step, so that a kill leaves no half part behind."""
    import pyarrow as pa

    private_folder(path.parent)
    with private_replace(path) as beside:
        parquet().write_table(pa.Table.from_pandas(frame, preserve_index=False), beside, compression="zstd")
    return path


def swept(folder: Path) -> None:
    """Delete what a killed run left half written."""
    for left in folder.glob(".*.part.parquet"):
        left.unlink(missing_ok=True)
