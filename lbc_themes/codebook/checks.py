"""What is checked in a codebook: errors stop the loading, warnings are for the person who writes it."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from lbc_themes.codebook.draft import Draft, Place, Problem, Severity, error, id_of, is_colour, is_id
from lbc_themes.core.messages import message
from lbc_themes.core.records import Bilingual, Code, Example, Role

# --- Examples: none stands under two codes, nor nearly.

NEAR = 0.6


class _Held(NamedTuple):
    place: Place
    part: str
    example: Example

    @property
    def key(self) -> str:
        text = self.example.text.zh or self.example.text.en
        return "".join(letter for letter in text.casefold() if letter.isalnum())

    @property
    def name(self) -> str:
        return f"{self.part} of {self.place.code}"


def _examples(draft: Draft) -> Iterator[_Held]:
    for code, place in draft.numbered():
        for kind in ("typical", "atypical", "close"):
            yield from (_Held(place, f"{kind}.{number}", each) for number, each in enumerate(getattr(code, kind)))


def _alike(draft: Draft) -> Iterator[tuple[_Held, _Held]]:
    first: dict[str, _Held] = {}
    for held in _examples(draft):
        if held.key and first.setdefault(held.key, held) is not held:
            yield first[held.key], held


def check_contradictions(draft: Draft) -> Iterator[Problem]:
    """Yield examples whose words are an example of another code as well."""
    for one, two in _alike(draft):
        if one.example.code != two.example.code:
            yield two.place.error(
                two.part,
                message(
                    "codebook.example_of_two_codes", part=two.part, here=two.example.code, code=one.place.code,
                    other=one.part, there=one.example.code,
                ),
            )  # fmt: skip


def check_repeats(draft: Draft) -> Iterator[Problem]:
    """Yield examples that stand twice for the same code."""
    for one, two in _alike(draft):
        if one.example.code == two.example.code:
            yield two.place.warning(
                two.part, message("codebook.example_repeated", part=two.part, code=one.place.code, other=one.part)
            )


def check_nearness(draft: Draft) -> Iterator[Problem]:
    """Yield examples of different codes in nearly the same words.

    Near means that of the pairs of neighbouring letters in either, at least ``NEAR`` are in both (the Jaccard index).
    """
    for one, two in _near(list(_examples(draft))):
        if one.key != two.key and one.example.code != two.example.code:
            yield two.place.warning(
                two.part, message("codebook.examples_alike", part=two.part, code=one.place.code, other=one.part)
            )


def _near(held: list[_Held]) -> Iterator[tuple[_Held, _Held]]:
    pairs = [{each.key[n : n + 2] for n in range(len(each.key) - 1)} for each in held]
    where: defaultdict[str, list[int]] = defaultdict(list)
    for number, own in enumerate(pairs):
        common = Counter(other for pair in own for other in where[pair])
        for other in sorted(common):
            if common[other] >= NEAR * (len(own) + len(pairs[other]) - common[other]):
                yield held[other], held[number]
        for pair in own:
            where[pair].append(number)


# --- Colours, facets, speakers and indicators.

FACETS: Mapping[str, frozenset[str]] = {
    "objective": frozenset({"problem", "coping", "need", "strategy"}),
    "coping_maturity": frozenset({"mature", "immature"}),
    "coping_focus": frozenset({"problem", "emotion"}),
    "level": frozenset({"micro", "meso", "exo", "macro"}),
    "maslow": frozenset({"physiological", "safety", "belonging", "esteem", "self_actualisation"}),
    "attachment": frozenset({"proximity", "separation", "safe_haven", "secure_base"}),
    "social_support": frozenset({"informal", "formal"}),
    "intervention": frozenset({
        "stress_coping_guidance", "social_work_service", "family_education", "school_care", "community", "network",
        "protection_system",
    }),
}  # fmt: skip


def check_colours(draft: Draft) -> Iterator[Problem]:
    """Yield colours that are not #RRGGBB."""
    for code, place in draft.numbered():
        if not is_colour(code.colour):
            yield place.error("colour", message("codebook.colour_form", colour=code.colour))


def check_facets(draft: Draft) -> Iterator[Problem]:
    """Yield facets and values that the two studies do not have. A codebook may have its own, so these are warnings."""
    for code, place in draft.numbered():
        for name, values in code.facets.items():
            unknown = [value for value in values if value not in FACETS.get(name, ())]
            if name not in FACETS:
                yield place.warning("facets", message("codebook.unknown_facet", name=name, known=[*FACETS]))
            elif unknown:
                said = message("codebook.unknown_facet_value", name=name, values=unknown, known=sorted(FACETS[name]))
                yield place.warning("facets", said)


def check_speakers(draft: Draft) -> Iterator[Problem]:
    """Yield codes for interviewers, who are never coded, and examples whose speaker does not voice their code."""
    may = {code.id: code.speakers for code in draft.codes}
    for code, place in draft.numbered():
        if Role.INTERVIEWER in code.speakers:
            yield place.warning("speakers", message("codebook.interviewers_not_coded"))
        for kind in ("typical", "atypical", "close"):
            for number, example in enumerate(getattr(code, kind)):
                if may.get(example.code) and example.speaker not in {*may[example.code], Role.OTHER}:
                    part, who = f"{kind}.{number}", example.speaker.value
                    yield place.warning(
                        part, message("codebook.speaker_not_of_code", part=part, who=who, code=example.code)
                    )


def check_indicators(draft: Draft) -> Iterator[Problem]:
    """Yield words that point to two codes."""
    first: dict[str, str] = {}
    for code, place in draft.numbered():
        for word in code.indicators:
            other = first.setdefault(word, code.id)
            if other != code.id:
                yield place.warning("indicators", message("codebook.shared_indicator", word=word, other=other))


# --- Which code to take instead.


def _named(code: Code) -> Iterator[tuple[str, str, str]]:
    for part in ("include", "exclude"):
        yield from ((f"{part}.{n}", "use", rule.use) for n, rule in enumerate(getattr(code, part)) if rule.use)
    for part in ("typical", "atypical", "close"):
        yield from ((f"{part}.{n}", "code", example.code) for n, example in enumerate(getattr(code, part)))


def check_named(draft: Draft) -> Iterator[Problem]:
    """Yield rules and examples that name something other than a code of the codebook, or rules that name their own."""
    known = {code.id for code in draft.codes}
    for code, place in draft.numbered():
        for part, key, named in _named(code):
            if named not in known:
                yield place.error(part, message("codebook.unknown_code_named", part=part, name=key, named=named))
            elif named == code.id and key == "use":
                yield place.error(part, message("codebook.use_names_itself", part=part))


def check_unnamed(draft: Draft) -> Iterator[Problem]:
    """Yield rules against using a code, and close examples, that do not name the code to take instead."""
    for code, place in draft.numbered():
        for number, rule in enumerate(code.exclude):
            if rule.use is None:
                yield place.warning(f"exclude.{number}", message("codebook.rule_without_use"))
        for number, example in enumerate(code.close):
            if example.code == code.id:
                yield place.warning(f"close.{number}", message("codebook.close_without_code"))


# --- Ids and parents.


def check_ids(draft: Draft) -> Iterator[Problem]:
    """Yield codes without an id, ids of a wrong form, ids that stand twice; and say where there are no codes at all."""
    seen: dict[str, Bilingual] = {}
    for code, place in draft.numbered():
        line = place.of("id")
        if not code.id:
            yield place.error("id", message("codebook.code_without_id_or_name"))
        elif not is_id(code.id):
            yield place.error("id", message("codebook.id_form", id=code.id, such=id_of(code.id)))
        elif code.id in seen:
            yield place.error("id", seen[code.id])
        seen.setdefault(code.id, _stands_twice(draft.unit, line))
    if not draft.codes:
        yield error(message("codebook.no_codes"))


def _stands_twice(unit: str, line: int | None) -> Bilingual:
    where = message("codebook.at_row", line=line) if unit == "row" else message("codebook.at_line", line=line)
    return message("codebook.id_twice", where=where if line else message("codebook.before"))


def check_parents(draft: Draft) -> Iterator[Problem]:
    """Yield parents that are no codes of the codebook."""
    known = {code.id for code in draft.codes}
    for code, place in draft.numbered():
        if code.parent is not None and code.parent not in known:
            yield place.error("parent", message("codebook.unknown_parent", parent=code.parent))


def check_circles(draft: Draft) -> Iterator[Problem]:
    """Yield circles of parents, each once, at its first code."""
    above = {code.id: code.parent for code in draft.codes}
    told: set[str] = set()
    for code, place in draft.numbered():
        path, parent = [code.id], code.parent
        while parent is not None and parent not in path:
            path.append(parent)
            parent = above.get(parent)
        if parent == code.id and not told & set(path):
            told |= set(path)
            way = " > ".join([*path, code.id])
            yield place.error("parent", message("codebook.parents_in_circle", way=way))


# --- Definitions and languages.

SHORTEST = 12


def check_definitions(draft: Draft) -> Iterator[Problem]:
    """Yield codes with neither a definition nor a brief: in open coding a code has a name first."""
    for code, place in draft.numbered():
        if any((code.definition.zh, code.definition.en, code.brief.zh, code.brief.en)):
            continue
        yield place.warning("", message("codebook.no_definition"))


def check_lengths(draft: Draft) -> Iterator[Problem]:
    """Yield definitions too short to tell the code from its neighbours."""
    for code, place in draft.numbered():
        words = code.definition if code.definition.zh or code.definition.en else code.brief
        if 0 < max(_size(words.zh), _size(words.en)) < SHORTEST:
            yield place.warning("definition", message("codebook.short_definition"))


def _size(text: str) -> int:
    """Return how much a text says: a Chinese character counts one, a word in another script two."""
    ideographs = [letter for letter in text if "\u3400" <= letter <= "\u9fff"]
    others = "".join(" " if letter in ideographs else letter for letter in text)
    return len(ideographs) + 2 * sum(any(letter.isalnum() for letter in word) for word in others.split())


def check_languages(draft: Draft) -> Iterator[Problem]:
    """Yield wordings that stand in one language only."""
    for code, place in draft.numbered():
        for part, words in _wordings(code):
            if bool(words.zh) != bool(words.en):
                missing = message("codebook.english") if words.zh else message("codebook.chinese")
                yield place.warning(part, message("codebook.one_language_only", part=part, language=missing))


def _wordings(code: Code) -> Iterator[tuple[str, Bilingual]]:
    yield from (("name", code.name), ("brief", code.brief), ("definition", code.definition))
    for part in ("include", "exclude", "typical", "atypical", "close"):
        yield from ((f"{part}.{number}", item.text) for number, item in enumerate(getattr(code, part)))


Check = Callable[[Draft], Iterable[Problem]]
_ERRORS: tuple[Check, ...] = (
    check_ids, check_parents, check_circles, check_named, check_contradictions, check_colours,
)  # fmt: skip
_WARNINGS: tuple[Check, ...] = (
    check_definitions, check_languages, check_lengths, check_unnamed, check_repeats, check_nearness, check_speakers,
    check_facets, check_indicators,
)  # fmt: skip


def errors_of(draft: Draft) -> list[Problem]:
    """Return the errors of a draft in the order of its lines."""
    return _of(draft, _ERRORS, "error")


def warnings_of(draft: Draft) -> list[Problem]:
    """Return the warnings of a draft in the order of its lines."""
    return _of(draft, _WARNINGS, "warning")


def _of(draft: Draft, checks: Iterable[Check], severity: Severity) -> list[Problem]:
    problems = [*draft.problems, *(problem for check in checks for problem in check(draft))]
    return sorted((each for each in problems if each.severity == severity), key=lambda each: each.line or math.inf)
