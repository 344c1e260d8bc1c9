"""What is checked in a codebook: errors stop the loading, warnings are for the person who writes it."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from lbc_themes.codebook.draft import Draft, Place, Problem, Severity, error, id_of, is_colour, is_id
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
            here, there = two.example.code, one.example.code
            zh = f"{two.part} 的例子在这里归 {here}，在 {one.place.code} 的 {one.part} 里归 {there}；只能归一个"
            yield two.place.error(
                two.part, zh, f"the example {two.part} takes {here} here and {there} in {one.name}; decide for one"
            )


def check_repeats(draft: Draft) -> Iterator[Problem]:
    """Yield examples that stand twice for the same code."""
    for one, two in _alike(draft):
        if one.example.code == two.example.code:
            zh = f"{two.part} 的例子与 {one.place.code} 的 {one.part} 相同"
            yield two.place.warning(two.part, zh, f"the example {two.part} repeats {one.name}")


def check_nearness(draft: Draft) -> Iterator[Problem]:
    """Yield examples of different codes in nearly the same words.

    Near means that of the pairs of neighbouring letters in either, at least ``NEAR`` are in both (the Jaccard index).
    """
    for one, two in _near(list(_examples(draft))):
        if one.key != two.key and one.example.code != two.example.code:
            zh = f"{two.part} 的例子与 {one.place.code} 的 {one.part} 几乎一样，却归不同的编码"
            yield two.place.warning(
                two.part, zh, f"the example {two.part} is nearly the same as {one.name}, yet takes another code"
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
                zh = f"{part} 的 {key} 是 {named}，编码本里没有"
                yield place.error(part, zh, f"{key} in {part} is {named}, which is not a code of the codebook")
            elif named == code.id and key == "use":
                zh = f"{part} 的 use 是本编码自己，应写相邻的编码"
                yield place.error(part, zh, f"use in {part} is the code itself; name the neighbour")


def check_unnamed(draft: Draft) -> Iterator[Problem]:
    """Yield rules against using a code, and close examples, that do not name the code to take instead."""
    for code, place in draft.numbered():
        for number, rule in enumerate(code.exclude):
            if rule.use is None:
                en = "a rule against using it does not name the code to use instead (use)"
                yield place.warning(f"exclude.{number}", "排除规则没有说改用哪个编码（use）", en)
        for number, example in enumerate(code.close):
            if example.code == code.id:
                en = "a close example does not name the code it really takes (code)"
                yield place.warning(f"close.{number}", "易混例子没有说它真正属于哪个编码（code）", en)


# --- Ids and parents.


def check_ids(draft: Draft) -> Iterator[Problem]:
    """Yield codes without an id, ids of a wrong form, ids that stand twice; and say where there are no codes at all."""
    seen: dict[str, str] = {}
    for code, place in draft.numbered():
        line = place.of("id")
        if not code.id:
            yield place.error("id", "没有 id，也没有名称；至少写一个", "it has neither an id nor a name; give one")
        elif not is_id(code.id):
            zh = f"id {code.id} 只能用文字、数字、点、横线和下划线，如 {id_of(code.id)}"
            en = f"an id is of letters, digits, points, hyphens and underscores; {id_of(code.id)} would do"
            yield place.error("id", zh, en)
        elif code.id in seen:
            yield place.error(
                "id", "id 重复；每个 id 只能用一次", f"the id stands{seen[code.id]} already; ids must be unique"
            )
        seen.setdefault(code.id, f" at {draft.unit} {line}" if line else " before")
    if not draft.codes:
        yield error("编码本里没有编码", "there are no codes in it; a codebook holds at least one")


def check_parents(draft: Draft) -> Iterator[Problem]:
    """Yield parents that are no codes of the codebook."""
    known = {code.id for code in draft.codes}
    for code, place in draft.numbered():
        if code.parent is not None and code.parent not in known:
            en = f"its parent {code.parent} is not in the codebook; name a code of it or leave parent empty"
            yield place.error("parent", f"上级 {code.parent} 不在编码本里；改成已有的编码，或留空", en)


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
            yield place.error("parent", f"上级绕成了圈：{way}", f"parents go round in a circle: {way}")


# --- Definitions and languages.

SHORTEST = 12


def check_definitions(draft: Draft) -> Iterator[Problem]:
    """Yield codes with neither a definition nor a brief: in open coding a code has a name first."""
    for code, place in draft.numbered():
        if any((code.definition.zh, code.definition.en, code.brief.zh, code.brief.en)):
            continue
        zh, en = "没有定义，也没有简述；写明什么算、什么不算", "it has neither a definition nor a brief; write one"
        yield place.warning("", f"{zh}，现在以名称代替", f"{en}, for now its name stands in")


def check_lengths(draft: Draft) -> Iterator[Problem]:
    """Yield definitions too short to tell the code from its neighbours."""
    for code, place in draft.numbered():
        words = code.definition if code.definition.zh or code.definition.en else code.brief
        if 0 < max(_size(words.zh), _size(words.en)) < SHORTEST:
            zh = "定义太短，两个编码员难以据此判断一致；写明什么算、什么不算"
            en = "the definition is too short for two coders to agree by it; say what belongs and what does not"
            yield place.warning("definition", zh, en)


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
                zh, en = ("英文", "English") if words.zh else ("中文", "Chinese")
                yield place.warning(
                    part, f"{part} 没有{zh}，以另一种文字代替", f"{part} has no {en}; the other language stands in"
                )


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
