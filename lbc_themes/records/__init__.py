"""The nouns that flow through the library: frozen records, no behaviour beyond looking things up."""

from lbc_themes.records.bilingual import Bilingual, Language
from lbc_themes.records.code import Code, Codebook, Example, Rule, Utterance
from lbc_themes.records.coding import Coding, Decision, Evidence, RankedCode, Suggestion, Verdict
from lbc_themes.records.passage import Passage
from lbc_themes.records.theme import Theme
from lbc_themes.records.transcript import Role, Transcript, Turn

__all__ = [
    "Bilingual", "Code", "Codebook", "Coding", "Decision", "Evidence", "Example", "Language", "Passage",
    "RankedCode", "Role", "Rule", "Suggestion", "Theme", "Transcript", "Turn", "Utterance", "Verdict",
]  # fmt: skip
