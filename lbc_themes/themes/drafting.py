"""A drafted codebook entry for a theme that the codebook lacks."""

from typing import TYPE_CHECKING

from lbc_themes.core.records import Bilingual, Code, Codebook, Rule, Theme

if TYPE_CHECKING:
    from lbc_themes.themes.model import ThemeModel

_EXAMPLES = 5
_WORDS = 6


def draft_code(model: "ThemeModel", theme: Theme, codebook: Codebook) -> Code:
    """Return an entry for ``theme``: a name, definition and indicators from its words.

    Examples are given by reference only: ``source`` names the typical passages. A codebook travels farther than the
    transcripts, so no participant's words are put into it; a person writes the examples and the real definition.
    """
    words = theme.keywords[:_WORDS]
    zh, en, some = "、".join(words), ", ".join(words), len(theme.passages)
    return Code(
        id=_free_id(f"theme.{theme.id}", codebook),
        name=Bilingual(zh=theme.name, en=f"Theme {theme.id}: {', '.join(words[:3])}"),
        brief=Bilingual(zh=f"常说到{zh}的 {some} 段话。", en=f"{some} passages that speak of {en}."),
        definition=Bilingual(
            zh=f"【草稿，待研究者改写】由 {some} 段话归纳，最有代表性的词：{zh}。",
            en=f"[Draft, to be rewritten by a researcher] Drawn from {some} passages; most telling words: {en}.",
        ),
        include=(Rule(text=Bilingual(zh=f"说到{zh}。", en=f"The speaker talks of {en}.")),),
        indicators=words,
        source=f"typical passages: {', '.join(_reference(model, at) for at in theme.typical[:_EXAMPLES])}",
    )


def _free_id(wanted: str, codebook: Codebook) -> str:
    code_id, number = wanted, 2
    while code_id in codebook:
        code_id, number = f"{wanted}.{number}", number + 1
    return code_id


def _reference(model: "ThemeModel", at: int) -> str:
    passages = model.material_.passages
    return passages[at].id if passages else f"text {at}"
