"""spaCy: a component that marks suggested codes as a span group. Importing this module registers ``lbc_suggest``."""

from collections.abc import Callable
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from lbc_themes.codebook import load_codebook
from lbc_themes.core.records import Passage, Role, Suggestion
from lbc_themes.segmenting.passages import segment
from lbc_themes.segmenting.spacy_parts import span_of, transcript_of
from lbc_themes.suggest.storage import load_suggester
from lbc_themes.suggest.suggester import CodeSuggester

DEFAULTS = {"codebook": "left-behind-children", "suggester": None, "encoder": "e5-small-zh.v1", "top": 1}


@Language.factory("lbc_suggest", default_config=DEFAULTS)
def lbc_suggest(
    nlp: Language, name: str, codebook: str, suggester: str | None, encoder: str, top: int,  # noqa: ARG001 (spaCy's)
) -> Callable[[Doc], Doc]:  # fmt: skip
    """Make the component that suggests codes for passages, as `CodeSuggester.suggest` does; a person decides.

    The passages are those that ``lbc_passages`` marked before it, else the document is cut with the defaults;
    interviewers' are left out. The group ``doc.spans["lbc_suggest"]`` holds a span for each slice of a passage and each
    of its ``top`` codes, the best first: its label is the code's id, its id the passage's id. The group's ``attrs``
    have "scores", the probability of each span, and "silent", the reason by id of each passage without a code.

    ``codebook`` is a name or a path. ``suggester`` is the path of a saved suggester and takes its place. Passages are
    scored among those of their document.
    """

    @cache
    def chosen() -> CodeSuggester:
        return load_suggester(suggester) if suggester else CodeSuggester(load_codebook(codebook), encoder=encoder)

    def mark(doc: Doc) -> Doc:
        passages = [passage for passage in _passages(doc) if passage.role is not Role.INTERVIEWER]
        doc.spans["lbc_suggest"] = _group(doc, passages, chosen().suggest(passages, top=top))
        return doc

    return mark


def _passages(doc: Doc) -> list[Passage]:
    if "lbc_passages" not in doc.spans:
        return segment(transcript_of(doc))
    slices: dict[str, list[Span]] = {}
    for span in doc.spans["lbc_passages"]:
        slices.setdefault(span.id_, []).append(span)
    questions = {passage.id: passage.question for passage in segment(transcript_of(doc))}
    return [_passage(passage_id, spans, questions.get(passage_id, "")) for passage_id, spans in slices.items()]


def _passage(passage_id: str, spans: list[Span], question: str) -> Passage:
    return Passage(
        id=passage_id,
        transcript_id=spans[0].doc.user_data.get("lbc_id", "doc"),
        spans=tuple((span.start_char, span.end_char) for span in spans),
        text="".join(span.text for span in spans),
        speaker="",
        role=Role(spans[0].label_),
        question=question,
    )


def _group(doc: Doc, passages: list[Passage], suggestions: list[Suggestion]) -> SpanGroup:
    marked = [
        (span_of(doc, start, end, label=code.code_id, span_id=passage.id), code.probability)
        for passage, suggestion in zip(passages, suggestions, strict=True)
        for code in suggestion.codes
        for start, end in passage.spans
    ]
    silent = {suggestion.passage_id: suggestion.reason for suggestion in suggestions if not suggestion.codes}
    attrs = {"scores": [score for _, score in marked], "silent": silent}
    return SpanGroup(doc, name="lbc_suggest", spans=[span for span, _ in marked], attrs=attrs)
