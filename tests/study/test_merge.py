"""What another copy of a study adds: each kind of work once, in its place here, and what does not fit is said."""

from dataclasses import replace

import pytest
from study_samples import CHILD, both, code, decision, made, suggested

from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook, Coding, Passage
from lbc_themes.core.study_log import Entry, Memo, Participant
from lbc_themes.exchange.losses import Loss
from lbc_themes.exchange.refi_qda.read import UNKNOWN
from lbc_themes.exchange.refi_qda.write import code_guid
from lbc_themes.study.merge import additions, additions_of_codings, take_in

AT = CHILD.index("跟外婆")


@pytest.fixture
def here(tmp_path):
    with made(tmp_path) as study:
        yield study


@pytest.fixture
def there(tmp_path, here):
    """A copy, made while nothing was coded."""
    assert here.codings(machine_top=0) == []
    (tmp_path / "copy").mkdir()
    with made(tmp_path / "copy") as study:
        yield study


def span(start=AT, end=AT + 3, code_id="school", coder="王", **fields):
    return Coding(transcript_id="K01", start=start, end=end, code_id=code_id, coder=coder, **fields)


def lost(found):
    return [(loss.topic, loss.count, loss.where) for loss in found.losses]


def with_codes(contents, codes):
    """The contents with other codes in the codebook."""
    old = contents.codebook
    return replace(contents, codebooks=(Codebook(id=old.id, version=old.version, name=old.name, codes=tuple(codes)),))


def with_entry(contents, record):
    """The contents with one more line, which a study would not write."""
    last = contents.entries[-1].id if contents.entries else 0
    return replace(
        contents, entries=(*contents.entries, Entry(id=last + 1, coder=record.coder, time="", record=record))
    )


# --- Decisions.


def test_decisions_come_with_the_run_that_was_in_view(here, there):
    there.add_suggestions(suggested(there), run="first")
    seen = decision(there, 0, "accepted", "longing", coder="王")
    unseen = decision(there, 1, "changed", "school", coder="王")
    there.record(seen, run="first")
    there.record(unseen)
    found = additions(there.contents(), here.contents())
    assert found.decisions == {"first": (seen,), "": (unseen,)}
    assert (found.codings, found.memos, found.losses) == ((), (), ())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("own", "their", "taken"),
    [("2025-03-01", "2025-03-02", True), ("2025-03-02", "2025-03-02", False), ("2025-03-03", "2025-03-02", False)],
)
def test_of_two_decisions_by_one_coder_on_one_passage_the_newer_counts(here, there, own, their, taken):
    here.record(decision(here, 0, "changed", "longing", time=own))
    there.record(decision(there, 0, "changed", "school", time=their))
    assert bool(additions(there.contents(), here.contents()).decisions) is taken


def test_what_was_adjudicated_stands_beside_the_coders_own(here, there):
    here.record(decision(here, 0, "changed", "longing", time="2025-03-02"))
    there.record(decision(there, 0, "changed", "school", time="2025-03-01", adjudication=True))
    (taken,) = additions(there.contents(), here.contents()).decisions[""]
    assert (taken.code_ids, taken.adjudication) == (("school",), True)


def test_a_decision_on_a_passage_that_is_cut_otherwise_or_with_an_unknown_code_is_left(here, there):
    for number in range(3):
        there.record(decision(there, number, "changed", "school", coder="王"))
    given, held = there.contents(), here.contents()
    first, second, *rest = held.passages
    cut = replace(first, text=first.text[:-1], spans=((first.start, first.end - 1),))
    found = additions(given, replace(held, passages=(cut, second, *rest)))
    assert [d.passage_id for d in found.decisions[""]] == [second.id, rest[0].id]
    assert lost(found) == [("passages", 1, first.id)]
    assert found.losses[0].text == both("段落切分不同，决定没有并入", "decisions on passages that are cut otherwise")
    codes = tuple(c for c in held.codebook if c.id not in {"school", "homework"})
    found = additions(given, with_codes(held, codes))
    assert (found.decisions, lost(found)[0]) == ({}, ("codes", 3, first.id))
    assert found.losses[0].text == both(
        "研究的编码本里没有的编码", "codings and decisions with codes that the study's codebook lacks"
    )


# --- Codes and codings.


def with_code(contents, old, **fields):
    """The contents with one code of the codebook changed, and its id wherever it is given."""
    codes = [replace(c, **fields) if c.id == old else c for c in contents.codebook]
    return with_codes(contents, codes)


def test_codes_are_known_by_their_guid_their_id_or_a_name_that_one_code_has(here, there):
    there.record(decision(there, 0, "changed", "homework", coder="王"))
    held = here.contents()
    guid = code_guid(held.codebook, held.codebook["longing"])

    def read_as(**fields):
        given = there.contents()
        entries = tuple(
            replace(e, record=replace(e.record, code_ids=(fields.get("id", "homework"),))) for e in given.entries
        )
        return additions(with_code(replace(given, entries=entries), "homework", **fields), held)

    taken = read_as(id="x", source=f"refi-qda:{guid}").decisions[""]
    assert taken[0].code_ids == ("longing",)
    assert read_as(name=both("想念", "longing")).decisions[""][0].code_ids == ("homework",)
    assert read_as(id="x", name=both("想念", "?")).decisions[""][0].code_ids == ("longing",)
    assert read_as(id="x", name=both("?", "longing")).decisions[""][0].code_ids == ("longing",)
    assert read_as(id="x", name=both("?", "!")).decisions == {}
    twice = with_code(held, "school", name=both("想念", "school"))
    given = with_code(there.contents(), "homework", id="x", name=both("想念", "?"))
    given = replace(given, entries=tuple(
        replace(e, record=replace(e.record, code_ids=("x",))) for e in given.entries
    ))  # fmt: skip
    assert additions(given, twice).decisions == {}


def test_two_of_their_codes_that_are_one_of_ours_are_given_once(here, there):
    there.record(decision(there, 0, "changed", "school", "homework", coder="王"))
    codes = [c for c in here.contents().codebook if c.id != "homework"]
    held = with_codes(here.contents(), codes)
    guid = code_guid(held.codebook, held.codebook["school"])
    given = with_code(there.contents(), "homework", source=f"refi-qda:{guid}")
    assert additions(given, held).decisions[""][0].code_ids == ("school",)


def test_codings_come_once_and_those_of_the_machine_or_of_other_words_do_not(here, there):
    here.record_coding(span())
    new = [span(time="1"), span(code_id="longing", time="2"), span(end=AT + 4, time="3"), span(coder="李", time="4"),
           span(start=AT + 1, time="5")]  # fmt: skip
    for each in new:
        there.record_coding(each)
    given = with_entry(there.contents(), span(coder="machine", time="6"))
    taken = additions(given, here.contents()).codings
    assert sorted(taken, key=lambda each: each.time) == new[1:]
    other = replace(given.transcripts[0], text=CHILD.replace("菜园", "果园"))
    found = additions(replace(given, transcripts=(other, given.transcripts[1])), here.contents())
    assert found.codings == ()
    assert [(loss.topic, loss.count) for loss in found.losses] == [("texts", 5), ("new-texts", 1)]
    assert found.losses[0].where in {"K01 longing", "K01 school"}
    assert found.losses[0].text == both(
        "访谈不在研究里，或文字不同，其中的编码没有并入",
        "codings in interviews that the study lacks or has with other words",
    )
    assert found.losses[1] == Loss(topic="new-texts", text=message("exchange.new_texts"), where="K01")


def test_a_coding_with_an_unknown_code_is_left_and_said(here, there):
    there.record_coding(span(code_id="homework"))
    held = here.contents()
    codes = [c for c in held.codebook if c.id != "homework"]
    found = additions(there.contents(), with_codes(held, codes))
    assert found.codings == ()
    assert lost(found) == [("codes", 1, "K01 homework"), ("new-codes", 1, "作业")]


def test_codings_are_moved_where_line_ends_differ(here, there):
    there.record_coding(span(end=CHILD.index("老师") + 2))
    held = here.contents()
    longer = replace(held.transcripts[0], text=CHILD.replace("\n", "\r\n"))
    (moved,) = additions(there.contents(), replace(held, transcripts=(longer, held.transcripts[1]))).codings
    assert longer.text[moved.start : moved.end].replace("\r", "") == CHILD[AT : CHILD.index("老师") + 2]


def test_the_machines_choice_in_a_copy_without_decisions_is_no_persons(here, there):
    there.add_suggestions(suggested(there), run="first")
    found = additions(there.contents(), here.contents())
    assert (found.decisions, found.codings, found.memos) == ({}, (), ())


# --- Memos.


def memo(text="再看", coder="王", time="t", **fields):
    return Memo(text=text, coder=coder, time=time, **fields)


@pytest.mark.slow
@pytest.mark.parametrize(
    "fields",
    [{}, {"about": "transcript", "about_id": "K01"}, {"about": "code", "about_id": "school"},
     {"about": "participant", "about_id": "L01"}, {"about": "span", "about_id": "K01", "start": AT, "end": AT + 3}],
)  # fmt: skip
def test_a_memo_comes_once_on_what_it_is_about(here, there, fields):
    there.record_memo(memo(**fields))
    there.record_memo(memo(**fields, time="2"))
    (taken,) = additions(there.contents(), here.contents()).memos
    assert taken == memo(**fields)
    here.record_memo(memo(**fields) if "start" in fields else memo(" 再看\n", **fields))
    assert additions(there.contents(), here.contents()).memos == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "where"),
    [({"about": "transcript", "about_id": "K01"}, "transcript K01"),
     ({"about": "code", "about_id": "school"}, "code school"),
     ({"about": "passage", "about_id": "K01:0001"}, "passage K01:0001"),
     ({"about": "participant", "about_id": "K01"}, "participant K01"),
     ({"about": "span", "about_id": "K01", "start": AT, "end": AT + 3}, "span K01")],
)  # fmt: skip
def test_a_memo_on_what_the_study_lacks_is_left_and_said(here, there, fields, where):
    there.record_memo(memo(**fields))
    held = here.contents()
    held = replace(
        with_codes(held, [c for c in held.codebook if c.id not in {"school", "homework"}]),
        transcripts=held.transcripts[1:], passages=held.passages[2:], participants=held.participants[1:],
    )  # fmt: skip
    found = additions(there.contents(), held)
    assert found.memos == ()
    assert found.losses[0] == Loss(topic="memos", text=message("exchange.memo_without_place"), where=where)


def test_a_memo_of_the_machine_is_none(here, there):
    given = with_entry(with_entry(there.contents(), memo(coder="machine")), memo())
    assert additions(given, here.contents()).memos == (memo(),)


def test_a_memo_on_a_passage_goes_to_the_passage_that_overlaps_it_most(here, there):
    there.record_memo(memo(about="passage", about_id="K01:0001"))
    held = here.contents()
    first = held.passages[0]

    def cut(number, start, end):
        return Passage(
            id=f"new:{number}", transcript_id="K01", spans=((start, end),), text=CHILD[start:end], speaker="小麦",
            role=first.role, question="",
        )  # fmt: skip

    third = (first.end - first.start) // 3
    parts = (cut(1, first.start, first.start + third), cut(2, first.start + third, first.end), held.passages[1])
    assert [m.about_id for m in additions(there.contents(), replace(held, passages=parts)).memos] == ["new:2"]
    elsewhere = (cut(1, 0, first.start), held.passages[2])
    found = additions(there.contents(), replace(held, passages=elsewhere))
    assert (found.memos, lost(found)) == ((), [("memos", 1, "passage K01:0001")])


def test_a_memo_on_the_words_of_a_whole_passage_is_one_on_the_passage(here, there):
    first = here.passages[0]
    there.record_memo(memo(about="span", about_id="K01", start=first.start, end=first.end))
    assert additions(there.contents(), here.contents()).memos == (memo(about="passage", about_id=first.id),)
    here.record_memo(memo(about="passage", about_id=first.id))
    assert additions(there.contents(), here.contents()).memos == ()


def test_a_memo_that_is_here_as_one_on_the_words_of_a_passage_is_known(here, there):
    first = here.passages[0]
    here.record_memo(memo(about="span", about_id="K01", start=first.start, end=first.end))
    there.record_memo(memo(about="passage", about_id=first.id))
    assert additions(there.contents(), here.contents()).memos == ()


def test_memos_that_were_joined_on_the_way_are_known(here, there):
    for text in ("一", "二"):
        here.record_memo(memo(text, about="code", about_id="school"))
        here.record_memo(memo(text, coder="李", about="code", about_id="school"))
    there.record_memo(memo("一\n二", about="code", about_id="school"))
    there.record_memo(memo("二\n一", about="code", about_id="school"))
    assert [m.text for m in additions(there.contents(), here.contents()).memos] == ["二\n一"]


def test_of_another_program_a_memo_without_coder_or_place_is_known_by_its_words(here, there):
    here.record_memo(memo(about="span", about_id="K01", start=AT, end=AT + 3))
    place = {"about": "span", "about_id": "K01", "start": AT, "end": AT + 3}
    for coder, fields in ((UNKNOWN, place), ("王", {}), (UNKNOWN, {})):
        there.record_memo(memo(coder=coder, **fields))
    there.record_memo(memo("又一个", coder=UNKNOWN))
    given, held = there.contents(), here.contents()
    assert [m.text for m in additions(given, held, elsewhere=True).memos] == ["又一个"]
    assert len(additions(given, held).memos) == 4


# --- Memos on codings that stand in both.


def test_another_memo_on_a_coding_that_stands_in_both_is_a_memo_on_the_words(here, there):
    first = here.passages[0]
    here.record_coding(span(memo="很 清楚"))
    here.record_coding(span(code_id="longing"))
    here.record(decision(here, 0, "changed", "longing", coder="王"))
    there.record_coding(span(memo="不清楚", time="t"))
    there.record_coding(span(code_id="longing", memo=" "))
    there.record_coding(span(code_id="homework", memo="新的"))
    there.record_coding(span(first.start, first.end, "longing", memo="整段", time="t"))
    found = additions(there.contents(), here.contents())
    assert found.memos == (
        memo("不清楚", about="span", about_id="K01", start=AT, end=AT + 3),
        memo("整段", about="passage", about_id=first.id),
    )
    assert [c.code_id for c in found.codings] == ["homework"]
    assert found.losses == (Loss(topic="coding-memos", text=message("exchange.coding_memos"), count=2, where="K01"),)
    for each in found.memos:
        here.record_memo(each)
    assert additions(there.contents(), here.contents()).memos == ()


def test_a_memo_on_a_coding_that_says_the_same_with_other_blanks_is_none(here, there):
    here.record_coding(span(memo="很  清楚\n的"))
    there.record_coding(span(memo=" 很 清楚 的 "))
    assert additions(there.contents(), here.contents()).memos == ()


def test_codings_that_fit_the_study_are_added_once_with_their_memos(here):
    here.record_coding(span(memo="甲"))
    given = [span(memo="乙"), span(coder="machine"), span(code_id="homework"),
             span(code_id="longing", time="1"), span(code_id="longing", time="2")]  # fmt: skip
    found = additions_of_codings(given, here.contents())
    assert [(c.code_id, c.time) for c in found.codings] == [("homework", ""), ("longing", "1")]
    assert found.memos == (memo("乙", about="span", about_id="K01", start=AT, end=AT + 3, time=""),)
    assert found.decisions == {}
    assert lost(found) == [("coding-memos", 1, "K01")]


# --- What is not taken in.


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "changed"),
    [({}, False), ({"name": both("学堂", "school")}, True), ({"colour": "#010203"}, True),
     ({"parent": "feeling"}, True),
     ({"source": "refi-qda:0d62985d-b147-5d01-a9b5-cae5dcd98342"}, False),
     ({"definition": both("别的。", "Else.")}, True)],
)  # fmt: skip
def test_codes_that_differ_there_are_said_and_left(here, there, fields, changed):
    found = additions(with_code(there.contents(), "school", **fields), here.contents())
    said = Loss(topic="changed-codes", text=message("exchange.changed_codes"), where="school")
    assert found.losses == ((said,) if changed else ())


def test_the_codes_that_hold_the_machines_suggestions_apart_are_no_new_codes(here, there):
    given = there.contents()
    heading = message("exchange.suggestions_heading")
    for name in (heading.zh, heading.en):
        own = (code("h", name, "?"), code("h.longing", "想念?", "longing?", "h"), code("z", "", "new"))
        found = additions(with_codes(given, (*given.codebook, *own)), here.contents())
        assert lost(found) == [("new-codes", 1, "z")]
        assert found.losses[0].text == message("exchange.new_codes")


def test_participants_that_differ_are_said_and_left(here, there):
    given = there.contents()
    child, teacher = given.participants
    for people, where in (
        ((replace(child, attributes={**child.attributes, "age": "11"}), teacher), "K01"),
        ((child, teacher, Participant(id="Z9")), "Z9"),
        ((child, replace(teacher, attributes={**teacher.attributes, "years": "3"})), "L01"),
    ):
        found = additions(replace(given, participants=people), here.contents())
        assert found.losses == (
            Loss(topic="participants", text=message("exchange.other_attributes"), where=where),
        )  # fmt: skip
    same = (replace(child, attributes={"gender": "", "age": "10"}), teacher)
    assert additions(replace(given, participants=same), here.contents()).losses == ()


# --- Taking in.


def test_what_is_taken_in_is_counted_and_comes_with_the_runs_that_were_in_view(here, there):
    there.add_suggestions(suggested(there), run="seen", options={"top": "3"})
    there.add_suggestions(suggested(there), run="unseen")
    there.record(decision(there, 0, "accepted", "longing", coder="王"), run="seen")
    there.record(decision(there, 1, "changed", "school", coder="王"))
    there.record_coding(span())
    there.record_memo(memo())
    there.record_memo(memo("又"))
    given = there.contents()
    taken = take_in(here, given)
    assert (taken.decisions, taken.codings, taken.memos, taken.losses) == (2, 1, 2, ())
    (run,) = here.runs
    assert (run.name, run.options, run.suggestions) == ("seen", {"top": "3"}, tuple(suggested(there)))
    assert [(e.run, e.record.passage_id) for e in here.history() if hasattr(e.record, "verdict")] == [
        ("seen", "K01:0001"), ("", "K01:0002"),
    ]  # fmt: skip
    again = take_in(here, given)
    assert (again.decisions, again.codings, again.memos, again.losses) == (0, 0, 0, ())
    assert len(here.runs) == 1
