"""Fill the report's template."""

from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.codebook.draft import GREY, is_colour
from lbc_themes.core.files import write_private
from lbc_themes.core.messages import word_table
from lbc_themes.report.figures import pictures
from lbc_themes.report.notes import in_both
from lbc_themes.report.view import code_rows, flagged, interviews, themes

if TYPE_CHECKING:
    from lbc_themes.run.result import RunResult


def write_report(result: "RunResult", path: Path) -> None:
    """Write the report to ``path``: everything in one file, every word of the interviews escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("lbc_themes.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["colour"] = lambda text: text if is_colour(text) else GREY
    plain, unclear = flagged(result)
    page = environment.get_template("report.html").render(
        result=result, code_rows=code_rows(result), interviews=interviews(result), themes=themes(result),
        status=word_table("words.status"), stages=word_table("words.stages"), pictures=pictures(result),
        suggested=sum(bool(s.codes) for s in result.suggestions),
        flagged=plain, unclear=unclear, in_both=in_both,
    )  # fmt: skip
    write_private(path, page)
