"""Colours, facets, speakers and indicators."""

from collections.abc import Iterator, Mapping

from lbc_themes.codebook.colours import is_colour
from lbc_themes.codebook.draft import Draft
from lbc_themes.codebook.problem import Problem
from lbc_themes.core.records import Role

FACETS: Mapping[str, frozenset[str]] = {
    "objective": frozenset({"problem", "coping", "need", "strategy"}),
    "coping_maturity": frozenset({"mature", "immature"}),
    "coping_focus": frozenset({"problem", "emotion"}),
    "level": frozenset({"micro", "meso", "exo", "macro"}),
    "maslow": frozenset({"physiological", "safety", "belonging", "esteem", "self_actualisation"}),
    "intervention": frozenset({
        "stress_coping_guidance", "social_work_service", "family_education", "school_care", "community", "network",
        "protection_system",
    }),
}  # fmt: skip


def check_colours(draft: Draft) -> Iterator[Problem]:
    """Yield colours that are not #RRGGBB."""
    for code, place in draft.numbered():
        if not is_colour(code.colour):
            en = f"the colour {code.colour} must be #RRGGBB, such as #88AACC"
            yield place.error("colour", f"颜色 {code.colour} 应写成 #RRGGBB，如 #88AACC", en)


def check_facets(draft: Draft) -> Iterator[Problem]:
    """Yield facets and values that the two studies do not have. A codebook may have its own, so these are warnings."""
    for code, place in draft.numbered():
        for name, values in code.facets.items():
            unknown = [value for value in values if value not in FACETS.get(name, ())]
            if name not in FACETS:
                known = ", ".join(FACETS)
                yield place.warning("facets", f"属性 {name} 不在 {known} 之中", f"the facet {name} is none of {known}")
            elif unknown:
                word, known = ", ".join(unknown), ", ".join(sorted(FACETS[name]))
                zh = f"属性 {name} 的值 {word} 不在 {known} 之中"
                yield place.warning("facets", zh, f"the facet {name} is {word}, none of {known}")


def check_speakers(draft: Draft) -> Iterator[Problem]:
    """Yield codes for interviewers, who are never coded, and examples whose speaker does not voice their code."""
    may = {code.id: code.speakers for code in draft.codes}
    for code, place in draft.numbered():
        if Role.INTERVIEWER in code.speakers:
            zh = "访谈者的话从不编码，说话人里去掉 interviewer"
            yield place.warning("speakers", zh, "interviewers are never coded; take interviewer out")
        for kind in ("typical", "atypical", "close"):
            for number, example in enumerate(getattr(code, kind)):
                if may.get(example.code) and example.speaker not in {*may[example.code], Role.OTHER}:
                    part, who = f"{kind}.{number}", example.speaker.value
                    zh = f"{part} 的说话人 {who} 不在 {example.code} 的说话人之中"
                    yield place.warning(
                        part, zh, f"the speaker of {part}, {who}, is not among the speakers of {example.code}"
                    )


def check_indicators(draft: Draft) -> Iterator[Problem]:
    """Yield words that point to two codes."""
    first: dict[str, str] = {}
    for code, place in draft.numbered():
        for word in code.indicators:
            other = first.setdefault(word, code.id)
            if other != code.id:
                zh = f"线索词“{word}”也在 {other} 里"
                yield place.warning("indicators", zh, f"the indicator {word} stands under {other} too")
