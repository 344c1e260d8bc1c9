from dataclasses import replace

import pytest

from lbc_themes.codebook import check_codebook, load_codebook
from lbc_themes.core.records import Bilingual, Code, Codebook, Example, Role, Rule

LONG = "孩子说起放学路上的事，走路、坐车、下雨都算。"


def told(tmp_path, entries: str) -> list[tuple[str, int | None, str | None, str]]:
    path = tmp_path / "book.yaml"
    path.write_text(f"codes:\n{entries}", encoding="utf-8")
    return [(p.severity, p.line, p.code, p.message.en) for p in check_codebook(path)]


def code(code_id: str, *lines: str) -> str:
    return "".join(
        f"{line}\n" for line in (f"  - id: {code_id}", f"    definition: {LONG}", *(f"    {x}" for x in lines))
    )


@pytest.mark.parametrize(
    ("entries", "severity", "line", "words"),
    [
        (code("a") + code("a"), "error", 4, "the id stands at line 2 already"),
        (code("a b"), "error", 2, "a_b would do"),
        (code("a", "parent: z"), "error", 4, "parent z is not in the codebook"),
        (code("a", "parent: b") + code("b", "parent: a"), "error", 4, "parents go round"),
        (code("a", "parent: a"), "error", 4, "circle: a > a"),
        ("  - id: a\n", "warning", 2, "neither a definition nor a brief"),
        ("  - {definition: x}\n", "error", 2, "neither an id nor a name"),
        ("  - {id: a, definition: 说路}\n", "warning", 2, "too short"),
        (code("a", "name: {zh: 路}"), "warning", 4, "name has no English"),
        (code("a", "include:", "  - {en: on the way}"), "warning", 5, "include.0 has no Chinese"),
        (code("a", "exclude:", "  - 说的是家里"), "warning", 5, "does not name the code to use instead"),
        (code("a", "exclude:", "  - {zh: 家, en: home, use: z}"), "error", 5, "use in exclude.0 is z, which is not"),
        (code("a", "exclude:", "  - {zh: 家, en: home, use: a}"), "error", 5, "is the code itself"),
        (code("a", "close:", "  - {zh: 家, en: home, code: z}"), "error", 5, "code in close.0 is z, which is not"),
        (code("a", "close:", "  - 路边有狗"), "warning", 5, "does not name the code it really takes"),
        (code("a", "colour: red"), "error", 4, "must be #RRGGBB"),
        (code("a", "facets: {level: [nano]}"), "warning", 4, "the facet level is nano, none of exo, macro"),
        (code("a", "facets: {mood: [sad]}"), "warning", 4, "the facet mood is none of objective"),
        (code("a", "speakers: [interviewer]"), "warning", 4, "interviewers are never coded"),
        (code("a", "speakers: [child, teacher]", "typical:", "  - {zh: 他走得慢, en: He is slow, speaker: 奶奶}"),
         "warning", 6, "the speaker of typical.0, caregiver, is not among"),
        (code("a", "indicators: [路上]") + code("b", "indicators: [路上]"), "warning", 7, "路上 stands under a too"),
        (code("a", "typical: [路上有狗我怕]") + code("b", "typical: [路上有狗，我怕。]"), "error", 7,
         "typical.0 takes b here and a in typical.0 of a"),
        (code("a", "typical: [路上有狗我怕]") + code("b", "close:", "  - {zh: 路上有狗我怕, en: x, code: b}"),
         "error", 8, "takes b here and a"),
        (code("a", "typical: [路上有狗我怕, 路上有狗我怕]"), "warning", 4, "typical.1 repeats typical.0 of a"),
        (code("a", "typical: [放学路上老有一条黄狗我就绕着走]")
         + code("b", "close:", "  - {zh: 放学路上老有一条黑狗我就绕着走, en: x, code: b}"),
         "warning", 8, "nearly the same as typical.0 of a"),
        (code("a", "definitoin: x"), "warning", 4, "did you mean definition?"),
        (code("a", "exclude:", "  - {zh: 家, en: home, instead: a}"), "error", 5, "exclude holds instead; allowed are"),
    ],
)  # fmt: skip
def test_each_problem_is_told_with_its_line(tmp_path, entries, severity, line, words):
    problems = told(tmp_path, entries)
    assert [p[:2] for p in problems if words in p[3]] == [(severity, line)], problems


def test_every_problem_is_told_in_both_languages(tmp_path):
    path = tmp_path / "book.yaml"
    path.write_text(
        "codes:\n" + code("a", "parent: z", "colour: red", "exclude: [家]", "nmae: x") + "  - {id: b}\n",
        encoding="utf-8",
    )
    problems = check_codebook(path)
    assert len(problems) == 5
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in p.message.zh) for p in problems)
    assert not any("\u4e00" <= letter <= "\u9fff" for p in problems for letter in p.message.en)


def test_a_close_example_that_stands_as_typical_of_its_code_is_a_repeat_and_no_contradiction(tmp_path):
    entries = code("a", "typical: [路上有狗我怕]") + code("b", "close:", "  - {zh: 路上有狗我怕, en: x, code: a}")
    assert [(p[0], p[3]) for p in told(tmp_path, entries)] == [
        ("warning", "the example close.0 repeats typical.0 of a")
    ]


def test_errors_come_before_warnings(tmp_path):
    problems = told(tmp_path, code("a", "exclude: [家]") + code("b", "colour: red"))
    assert [p[0] for p in problems] == ["error", "warning"]


def test_a_codebook_in_memory_has_no_lines():
    words = Bilingual(zh=LONG, en="What a child tells of the way home from school")
    rule = Rule(text=Bilingual(zh="家", en=""))
    book = Codebook(
        id="b",
        version="1",
        name=words,
        codes=(Code(id="a", name=words, brief=words, definition=words, exclude=(rule,)),),
    )
    assert [(p.line, p.code, p.severity) for p in check_codebook(book)] == [(None, "a", "warning")] * 2


def test_a_shipped_example_put_under_another_code_is_found():
    book = load_codebook("left-behind-children")
    moved = book.codes[0].typical[0]
    stolen = Example(text=moved.text, speaker=Role.CHILD, code=book.codes[1].id)
    codes = (book.codes[0], replace(book.codes[1], typical=(stolen,)), *book.codes[2:])
    assert [p.code for p in check_codebook(replace(book, codes=codes)) if p.severity == "error"] == [book.codes[1].id]
