"""The records refuse what breaks their invariants, in one line that names it."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbc_themes.core import records
from lbc_themes.core.errors import InputError, LbcError, MissingExtraError
from lbc_themes.core.records import Bilingual, Code, Codebook, Passage, Role, Transcript, Turn, Utterance, Verdict

TEXT = "问：冷吗？\n答：冷，手都肿了。"


def words(text: str) -> Bilingual:
    return Bilingual(zh=text, en=text)


def code(code_id: str, parent: str | None = None) -> Code:
    return Code(id=code_id, name=words(code_id), brief=words("b"), definition=words("d"), parent=parent)


def book(*codes: Code, utterances: tuple[Utterance, ...] = ()) -> Codebook:
    return Codebook(id="b", version="1", name=words("b"), codes=codes, utterances=utterances)


def utterance(*code_ids: str) -> Utterance:
    return Utterance(text="说", language="zh", speaker=Role.CHILD, code_ids=code_ids)


def passage(spans: tuple[tuple[int, int], ...], text: str) -> Passage:
    return Passage(id="p", transcript_id="t", spans=spans, text=text, speaker="答", role=Role.CHILD)


def turn(start: int, end: int) -> Turn:
    return Turn(speaker="答", role=Role.CHILD, start=start, end=end)


RECORDS = [getattr(records, name) for name in records.__all__ if dataclasses.is_dataclass(getattr(records, name))]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_record_is_frozen_and_keyword_only(record: type) -> None:
    assert record.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert all(field.kw_only for field in dataclasses.fields(record))


def test_a_wording_is_said_in_either_language() -> None:
    both = Bilingual(zh="担心", en="Worry")
    assert (both.said("zh"), both.said("en")) == ("担心", "Worry")


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ((code("a"), code("b"), code("a")), "codebook b: code ids must be unique; these come twice: a"),
        (
            (code("a", "z"),),
            "codebook b: code a names the parent z, which is not in it; name one of its codes, or none",
        ),
        (
            (code("a", "b"), code("b", "a")),
            "codebook b: parents go round in a circle: a > b > a; give one of them no parent",
        ),
        ((code("a", "a"),), "codebook b: parents go round in a circle: a > a; give one of them no parent"),
    ],
)
def test_a_codebook_refuses_codes_that_form_no_forest(codes: tuple[Code, ...], message: str) -> None:
    with pytest.raises(InputError) as caught:
        book(*codes)
    assert str(caught.value) == message


def test_a_codebook_refuses_utterances_of_codes_it_lacks() -> None:
    with pytest.raises(
        InputError, match=r"^codebook b: its utterances name codes that are not in it: y, z; add the codes"
    ):
        book(code("a"), utterances=(utterance("z", "a"), utterance("y")))


def test_codes_are_looked_up_by_id_and_an_unknown_id_is_answered_with_the_known() -> None:
    two = book(code("a"), code("b"))
    assert two["b"].id == "b"
    assert "b" in two
    assert "c" not in two
    with pytest.raises(InputError, match=r"^codebook b has no code 'c'; its codes are a, b$"):
        _ = two["c"]


def test_a_codebook_is_walked_in_its_own_order() -> None:
    three = book(code("c"), code("a"), code("b"))
    assert three.ids == ("c", "a", "b")
    assert [found.id for found in three] == ["c", "a", "b"]
    assert len(three) == 3


def test_ancestors_go_up_and_children_one_step_down() -> None:
    tree = book(code("root"), code("leaf", "branch"), code("branch", "root"))
    assert tree.ancestors("leaf") == ("branch", "root")
    assert tree.ancestors("root") == ()
    assert [found.id for found in tree.children("root")] == ["branch"]
    with pytest.raises(InputError, match="has no code 'x'"):
        tree.ancestors("x")


def test_a_subset_keeps_what_is_below_and_frees_it_of_a_parent_left_behind() -> None:
    tree = book(
        code("root"), code("branch", "root"), code("leaf", "branch"), code("other"),
        utterances=(utterance("leaf", "other"), utterance("other"), utterance()),
    )  # fmt: skip
    part = tree.subset(["branch"])
    assert part.ids == ("branch", "leaf")
    assert (part["branch"].parent, part["leaf"].parent) == (None, "branch")
    assert [u.code_ids for u in part.utterances] == [("leaf",), ()]


def test_a_transcript_says_its_turns() -> None:
    read = Transcript(id="t", text=TEXT, turns=(turn(2, 5), turn(8, 15)))
    assert [read.said(found) for found in read.turns] == ["冷吗？", "冷，手都肿了。"]


@pytest.mark.parametrize(
    "turns",
    [(turn(3, 9), turn(5, 12)), (turn(8, 9), turn(1, 2)), (turn(5, 4),), (turn(3, len(TEXT) + 1),), (turn(-1, 2),)],
    ids=["overlap", "order", "backwards", "beyond the end", "before the beginning"],
)
def test_a_transcript_refuses_turns_that_are_no_ordered_slices(turns: tuple[Turn, ...]) -> None:
    with pytest.raises(InputError) as caught:
        Transcript(id="t", text=TEXT, turns=turns)
    line = str(caught.value)
    assert line.startswith("transcript t: turn ")
    assert line.endswith("turns must be ordered slices that do not overlap")
    assert "\n" not in line


def test_a_passage_knows_its_outer_bounds() -> None:
    found = passage(((8, 10), (12, 16)), "冷，都肿了。")
    assert (found.start, found.end) == (8, 16)


Spans = tuple[tuple[int, int], ...]
spans_in_order = st.lists(st.integers(0, 30), min_size=2, max_size=8).map(
    lambda found: tuple(zip(sorted(found)[::2], sorted(found)[1::2], strict=False))
)


def length(spans: Spans) -> int:
    return sum(b - a for a, b in spans)


def refused(spans: Spans, text: str) -> str:
    with pytest.raises(InputError) as caught:
        passage(spans, text)
    return str(caught.value)


@given(spans_in_order)
def test_a_passage_takes_ordered_spans_that_add_up_to_its_text(spans: Spans) -> None:
    assert passage(spans, "手" * length(spans)).spans == spans


@pytest.mark.slow
@given(spans_in_order, st.integers(1, 5))
def test_a_passage_refuses_a_text_longer_than_its_spans(spans: Spans, more: int) -> None:
    expected = f"passage p: spans {spans} are not ordered slices that add up to its {length(spans) + more} characters"
    assert refused(spans, "手" * (length(spans) + more)) == expected


@pytest.mark.parametrize("spans", [(), ((4, 2),), ((5, 7), (0, 3)), ((0, 4), (3, 5)), ((-2, 3),)])
def test_a_passage_refuses_spans_out_of_order_or_before_the_text(spans: Spans) -> None:
    assert refused(spans, "手" * length(spans)).startswith(f"passage p: spans {spans} are not ordered slices")


def test_a_verdict_is_written_as_its_word() -> None:
    assert [str(verdict) for verdict in Verdict] == ["accepted", "changed", "rejected"]


def test_every_refusal_is_one_of_ours_and_one_of_the_languages() -> None:
    assert issubclass(InputError, LbcError)
    assert issubclass(InputError, ValueError)
    assert issubclass(MissingExtraError, LbcError)
    assert issubclass(MissingExtraError, ImportError)


def test_a_missing_part_names_the_command_that_installs_it() -> None:
    error = MissingExtraError(package="bertopic", extra="bertopic", purpose="to_bertopic()")
    assert str(error) == "to_bertopic() needs the package bertopic: pip install 'lbc_themes[bertopic]'"
    assert (error.package, error.extra) == ("bertopic", "bertopic")
