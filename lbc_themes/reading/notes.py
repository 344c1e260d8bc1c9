"""The readers' notes in both languages; they are stored in English."""

import re

from lbc_themes.core.messages import Bilingual, filled, recognised, word_table

_ROLE_GUESSED = (
    r"role by behaviour: (?P<speaker>.+) is the interviewer, confidence (?P<confidence>\d\.\d+) "
    r"\(asks at the end of (?P<share>\d+%) of turns\)"
)
_PATTERNS = {
    name: re.compile(pattern)
    for name, pattern in {
        "read_as": r"read as (?P<form>[\w-]+), (?P<speakers>\d+) speakers?, (?P<turns>\d+) turns?",
        "role_guessed": _ROLE_GUESSED,
        "role_uncertain": _ROLE_GUESSED + r"; uncertain: set it in study\.toml",
        "no_interviewer": r"no interviewer was found "
        r"\((?P<speaker>.+) asks most, at the end of (?P<share>\d+%) of turns\)"
        r": set the roles in study\.toml, or every speaker is coded",
        "unknown_role": r"the participants' table says (?P<role>.+), which is none of .+: taken as other",
        "one_speaker": r"no speaker labels were found: all of it is read as one speaker, one turn a paragraph",
        "lines_before": r"(?P<lines>\d+) lines? before the first speaker not read as speech",
        "label_once": r"read as speech, for they come only once before a colon: (?P<labels>.+)",
        "decoded": r"decoded as (?P<encoding>.+)",
        "columns": r"columns not read as answers: (?P<columns>.+)",
        "sheets": r"sheets without turns were not read: (?P<sheets>.+)",
        "tiers_of_tiers": r"tiers that hang on another tier were not read: (?P<tiers>.+)",
        "page_furniture": r"(?P<lines>\d+) lines? of page headers, footers and page numbers left out",
        "pictures": r"pictures without text on page (?P<pages>.+): what stands in them was not read",
        "unnamed_characters": r"characters that the font does not name stand as \ufffd on page (?P<pages>.+)",
    }.items()
}
"""Notes with a singular and a plural, or with more in English than in Chinese; others are known by their wording.

The wordings stand under ``stored_notes`` in the catalogue.
"""


def in_both(note: str) -> Bilingual:
    """Return a reader's note in Chinese and English; a note that is not known stays English in both.

    >>> in_both("read as iflytek, 2 speakers, 143 turns").zh
    '按“讯飞听见”读取：2 位说话人，143 个话轮'
    """
    for name, pattern in _PATTERNS.items():
        if match := pattern.fullmatch(note):
            values: dict[str, object] = match.groupdict()
            if "form" in values:
                values["form"] = word_table("words.forms").get(match["form"], match["form"])
            return Bilingual(zh=filled(word_table("reading.stored_notes")[name], **values).zh, en=note)
    bare, line = re.fullmatch(r"(.+?)(?: \(line (\d+)\))?", note, re.DOTALL).groups()  # type: ignore[union-attr]
    for prefix in ("reading.findings", "reading.notes"):
        found = recognised(bare, prefix)
        if found.zh != found.en:
            said = filled(word_table("reading.stored_notes")["at_line"], note=found, line=line) if line else found
            return Bilingual(zh=said.zh, en=note)
    return Bilingual(zh=note, en=note)
