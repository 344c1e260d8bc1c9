"""Exchange: a study's contents to and from the files of other programs, and to documents for people.

Everything here works on `Contents`, which ``Study.contents()`` gives.
"""

from lbc_themes.core.study_log import MACHINE, Contents, Entry, Memo, Participant, Retraction, Run
from lbc_themes.exchange.label_studio import (
    label_studio_config,
    label_studio_server,
    label_studio_tasks,
    left_in_label_studio,
    pull_label_studio,
    push_label_studio,
    read_label_studio,
    write_label_studio,
)
from lbc_themes.exchange.losses import Loss, gathered
from lbc_themes.exchange.matrices import (
    FacetEvidence,
    Matrix,
    attributes_of,
    code_by_attribute,
    code_by_code,
    code_by_interview,
    facet_by_role,
    facet_evidence,
    facets_of,
)
from lbc_themes.exchange.maxqda import write_structured_text
from lbc_themes.exchange.member_check import read_member_sheet, write_member_sheets
from lbc_themes.exchange.quotations import write_quotations
from lbc_themes.exchange.refi_qda.project import read_qdpx, write_qdpx
from lbc_themes.exchange.refi_qda.write import write_qdc
from lbc_themes.exchange.segments import Segment, has_segments, place_segments, read_segments
from lbc_themes.exchange.sheet import (
    DecidedRow,
    is_decision_table,
    read_decisions,
    read_sheet,
    read_sheet_memos,
    read_sheet_runs,
    write_sheet,
)
from lbc_themes.exchange.spans import (
    left_in_spans,
    read_cas,
    read_spans_jsonl,
    read_webanno_tsv,
    span_losses,
    to_docbin,
    write_cas,
    write_docbin,
    write_spans_jsonl,
    write_webanno_tsv,
)
from lbc_themes.exchange.taguette import is_taguette_project, taguette_segments, write_taguette_codebook
from lbc_themes.exchange.triangulation import Triangulated, Voice, triangulate, write_triangulation

__all__ = [
    "MACHINE", "Contents", "DecidedRow", "Entry", "FacetEvidence", "Loss", "Matrix", "Memo", "Participant",
    "Retraction", "Run", "Segment", "Triangulated", "Voice", "attributes_of", "code_by_attribute", "code_by_code",
    "code_by_interview", "facet_by_role", "facet_evidence", "facets_of", "gathered", "has_segments",
    "is_decision_table", "is_taguette_project", "label_studio_config", "label_studio_server", "label_studio_tasks",
    "left_in_label_studio", "left_in_spans",
    "place_segments", "pull_label_studio", "push_label_studio", "read_cas", "read_decisions", "read_label_studio",
    "read_member_sheet", "read_qdpx", "read_segments", "read_sheet", "read_sheet_memos", "read_sheet_runs",
    "read_spans_jsonl", "read_webanno_tsv", "span_losses", "taguette_segments", "to_docbin", "triangulate", "write_cas",
    "write_docbin", "write_label_studio", "write_member_sheets", "write_qdc", "write_qdpx", "write_quotations",
    "write_sheet", "write_spans_jsonl", "write_structured_text", "write_taguette_codebook", "write_triangulation",
    "write_webanno_tsv",
]  # fmt: skip
