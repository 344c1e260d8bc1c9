"""What a run leaves behind: a report that opens offline, tables, records and the account of the run."""

from lbc_themes.report.outputs import refuse_to_overwrite, write_outputs
from lbc_themes.report.page import write_report
from lbc_themes.report.pictures import refuse_pictures

__all__ = ["refuse_pictures", "refuse_to_overwrite", "write_outputs", "write_report"]
