"""What a file form is."""

from collections.abc import Callable
from dataclasses import dataclass

from lbc_themes.reading.document import Document, Parsed


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One form that transcripts come in.

    ``recognise`` says how sure it is, from 0 (not this form) to 1, that a document has this form; ``parse`` reads the
    document as this form and is called only where the form was recognised or asked for by name.
    """

    name: str
    recognise: Callable[[Document], float]
    parse: Callable[[Document], Parsed]
