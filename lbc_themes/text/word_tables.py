"""Reading the word tables in ``data/``: one entry a line, ``#`` begins a comment, columns are parted by tabs."""

from functools import cache
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message

DATA = Path(__file__).parent / "data"


def lines_of_file(path: Path) -> list[tuple[int, str]]:
    """Return the numbered lines of a UTF-8 text file that say something, without BOM, line ends and comments."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        problem = f"cannot be read ({error.strerror}); give the path of a text file, one word a line"
        raise InputError(message("text.refused_3", path=path, problem=problem)) from error
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not UTF-8; save the file as UTF-8 text and try again"
        raise InputError(message("text.refused_3", path=path, problem=problem)) from error
    bare = ((number, _bare(line)) for number, line in enumerate(text.splitlines(), 1))
    return [(number, line) for number, line in bare if line]


def _bare(line: str) -> str:
    return line.split("#", 1)[0].strip("\ufeff \t\u3000")


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the table ``data/<name>`` as tuples of cells."""
    return tuple(tuple(cell.strip() for cell in line.split("\t")) for _, line in lines_of_file(DATA / name))


@cache
def words_of(name: str) -> frozenset[str]:
    """Return the first column of the table ``data/<name>``."""
    return frozenset(row[0] for row in table(name))
