"""spaCy: transcripts as documents whose span groups are the codings of each coder."""

from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.files import write_private
from lbc_themes.core.study_log import Contents, labelled_codings

if TYPE_CHECKING:
    from spacy.tokens import DocBin


def to_docbin(contents: Contents) -> "DocBin":
    """Return a ``DocBin`` with one document a transcript, each character a token: every slice is a span.

    ``doc.spans[coder]`` holds the codings of a coder with code ids as labels, "machine" the machine's, and
    ``doc.user_data`` the transcript's id and metadata. Read a written one with
    ``DocBin().from_disk(path).get_docs(spacy.blank("zh").vocab)``.

    Raises MissingExtraError where spaCy is not installed.
    """
    try:
        import spacy
        from spacy.tokens import Doc, DocBin, Span
    except ImportError as error:
        raise MissingExtraError(package="spacy", extra="spacy", purpose="writing a .spacy file") from error

    vocab = spacy.blank("zh").vocab
    found = DocBin(store_user_data=True)
    codings = labelled_codings(contents)
    coders = list(dict.fromkeys(coding.coder for coding in codings))
    for transcript in contents.transcripts:
        doc = Doc(vocab, words=list(transcript.text), spaces=[False] * len(transcript.text))
        mine = [coding for coding in codings if coding.transcript_id == transcript.id]
        for coder in coders:
            doc.spans[coder] = [Span(doc, c.start, c.end, label=c.code_id) for c in mine if c.coder == coder]
        doc.user_data["transcript"], doc.user_data["metadata"] = transcript.id, dict(transcript.metadata)
        found.add(doc)
    return found


def write_docbin(contents: Contents, path: str | Path) -> None:
    """Write ``to_docbin`` to a .spacy file."""
    try:
        write_private(path, to_docbin(contents).to_bytes())
    except OSError as fault:
        raise InputError(f"{path}: cannot be written ({fault.strerror}); check the folder") from fault
