"""REFI-QDA projects: valid by the schema, whole when they come back, other programs' habits understood."""

import dataclasses
import zipfile
from pathlib import Path

import pytest
from lxml import etree
from study_samples import CHILD, book, decision, reference, suggested_study, transcript

from lbc_themes.codebook import load_codebook
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Role
from lbc_themes.exchange import write_qdc, write_qdpx
from lbc_themes.study import Memo, Study
from lbc_themes.study.import_export import Import, import_into

SCHEMAS = Path(__file__).parents[1] / "data" / "refi-qda"
NS = {"q": "urn:QDA-XML:project:1.0"}
G = "0d62985d-b147-5d01-a9b5-{:012d}"


def schema(name):
    return etree.XMLSchema(etree.parse(SCHEMAS / f"{name}.xsd"))


@pytest.fixture
def study(tmp_path):
    with suggested_study(tmp_path) as study:
        study.record(decision(study, 0, "changed", "longing", "school", memo="两样都有"))
        study.record(decision(study, 1, "rejected", coder="王"))
        study.record(decision(study, 2, "accepted", "homework", coder="王"))
        study.undo("王")
        study.record_coding(
            Coding(transcript_id="K01", start=24, end=29, code_id="school", coder="王", time="2025-03-01T09:00:00Z")
        )
        for about, about_id in (("study", ""), ("code", "longing"), ("transcript", "L01"), ("participant", "K01"),
                                ("passage", study.passages[2].id)):  # fmt: skip
            study.record_memo(
                Memo(text=f"关于{about}", coder="王", about=about, about_id=about_id, time="2025-03-01T10:00:00Z")
            )
        yield study


def project(path):
    with zipfile.ZipFile(path) as package:
        return etree.fromstring(package.read("project.qde"))


def foreign(path, target, change=lambda xml: xml):
    """Copy a project as another program would leave it: without what only we read."""
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(target, "w") as copy:
        for name in package.namelist():
            if name == "project.qde":
                copy.writestr(name, change(package.read(name)))
            elif name != "lbc_themes.json":
                copy.writestr(name, package.read(name))
    return target


def test_the_project_is_valid_and_a_flat_package(study, tmp_path):
    study.to_qdpx(tmp_path / "y.qdpx")
    schema("Project").assertValid(project(tmp_path / "y.qdpx"))
    with zipfile.ZipFile(tmp_path / "y.qdpx") as package:
        assert {name.rpartition("/")[0] for name in package.namelist()} == {"", "sources"}
        texts = [package.read(name) for name in package.namelist() if name.startswith("sources/")]
    assert CHILD.encode() in texts


def inside(path):
    """Every text in a package, the study's own part too."""
    with zipfile.ZipFile(path) as package:
        return "\n".join(package.read(name).decode() for name in package.namelist())


def sent(study, tmp_path, **options):
    losses = write_qdpx(study.contents(), tmp_path / "y.qdpx", **options)
    schema("Project").assertValid(project(tmp_path / "y.qdpx"))
    return losses


def coded_by(path):
    tree = project(path)
    names = {user.get("guid"): user.get("name") for user in tree.iterfind(".//q:User", NS)}
    return [names[each.get("creatingUser")] for each in tree.iterfind(".//q:PlainTextSelection/q:Coding", NS)]


@pytest.mark.slow
def test_one_persons_project_holds_nothing_of_the_others_or_the_machine(study, tmp_path):
    sent(study, tmp_path, coders=["李"])
    assert coded_by(tmp_path / "y.qdpx") == ["李", "李"]
    words = inside(tmp_path / "y.qdpx")
    assert "王" not in words
    assert "machine" not in words
    assert "提到想念" not in words
    with Study.from_qdpx(tmp_path / "y.qdpx", tmp_path / "x.lbc") as alone:
        assert (alone.runs, {entry.coder for entry in alone.history()}) == ((), {"李"})
        assert alone.codings() == [c for c in study.codings() if c.coder == "李"]


@pytest.mark.slow
def test_what_somebody_took_back_stays_taken_back_in_their_own_project(study, tmp_path):
    sent(study, tmp_path, coders=["王"])
    with Study.from_qdpx(tmp_path / "y.qdpx", tmp_path / "x.lbc") as alone:
        assert alone.codings(machine_top=0) == [c for c in study.codings(machine_top=0) if c.coder == "王"]


def test_adjudicated_work_is_a_coder_of_its_own(study, tmp_path):
    study.record(decision(study, 2, "accepted", "homework", coder="李", adjudication=True))
    sent(study, tmp_path, coders=["李"])
    assert coded_by(tmp_path / "y.qdpx") == ["李", "李"]
    sent(study, tmp_path, coders=["adjudication:李"])
    assert coded_by(tmp_path / "y.qdpx") == ["adjudication:李"]


@pytest.mark.slow
def test_without_suggestions_people_keep_all_and_the_machine_is_not_there(study, tmp_path):
    sent(study, tmp_path, suggestions="none")
    assert sorted(coded_by(tmp_path / "y.qdpx")) == ["李", "李", "王"]
    assert "提到想念" not in inside(tmp_path / "y.qdpx")
    with Study.from_qdpx(tmp_path / "y.qdpx", tmp_path / "x.lbc") as bare:
        assert (bare.runs, bare.codings()) == ((), study.codings(machine_top=0))


@pytest.mark.slow
def test_suggestions_as_a_set_are_on_codes_of_their_own_below_one_heading(study, tmp_path):
    sent(study, tmp_path, suggestions="set")
    tree = project(tmp_path / "y.qdpx")
    heading = tree.find(".//q:Code[@name='机器建议']", NS)
    below = {each.get("name"): each.get("guid") for each in heading.iterfind("q:Code", NS)}
    assert list(below) == ["建议：想念", "建议：学校", "建议：作业"]
    (one,) = tree.iterfind(".//q:Sets/q:Set", NS)
    assert [m.get("targetGUID") for m in one.iterfind("q:MemberCode", NS)] == list(below.values())
    (machine,) = tree.xpath("//q:User[@name='machine']/@guid", namespaces=NS)
    codings = tree.iterfind(".//q:PlainTextSelection/q:Coding", NS)
    on = {(c.get("creatingUser") == machine, c.find("q:CodeRef", NS).get("targetGUID")) for c in codings}
    assert {code for by_machine, code in on if by_machine} == set(below.values())
    assert not {code for by_machine, code in on if not by_machine} & set(below.values())
    with Study.from_qdpx(tmp_path / "y.qdpx", tmp_path / "x.lbc") as again:
        assert dataclasses.replace(again.contents(), name="s") == study.contents()


def test_suggestions_as_a_set_change_nothing_when_they_come_back(study, tmp_path):
    sent(study, tmp_path, suggestions="set")
    bare = foreign(tmp_path / "y.qdpx", tmp_path / "z.qdpx")
    before = study.contents()
    found = import_into(study, Import(file=bare, coder="", language="zh"))
    assert study.contents() == before
    assert {loss.topic for loss in found.losses} <= {"sets", "not-codable"}


@pytest.mark.slow
def test_a_real_codebook_is_valid_and_its_guids_are_unique(tmp_path):
    with Study.create(tmp_path / "s.lbc", transcript("K01", CHILD, ("小麦", Role.CHILD)), reference()) as study:
        study.to_qdpx(tmp_path / "y.qdpx")
    tree = project(tmp_path / "y.qdpx")
    schema("Project").assertValid(tree)
    guids = tree.xpath("//@guid")
    assert len(guids) == len(set(guids)) > len(reference())


@pytest.mark.slow
def test_our_own_project_comes_back_whole(study, tmp_path):
    study.to_qdpx(tmp_path / "y.qdpx")
    with Study.from_qdpx(tmp_path / "y.qdpx", tmp_path / "x.lbc") as again:
        assert dataclasses.replace(again.contents(), name="s") == study.contents()
        assert again.losses == ()


@pytest.mark.slow
def test_the_standard_alone_carries_codings_codes_people_and_memos(study, tmp_path):
    study.to_qdpx(tmp_path / "y.qdpx")
    bare = foreign(tmp_path / "y.qdpx", tmp_path / "z.qdpx")
    with Study.from_qdpx(bare, tmp_path / "x.lbc") as again:
        assert again.losses == ()
        people = [dataclasses.replace(c) for c in again.codings() if c.coder != "machine"]
        assert people == study.codings(machine_top=0)
        machine = [(c.code_id, c.start, c.end) for c in again.codings(coder="machine")]
        assert machine == [(c.code_id, c.start, c.end) for c in study.codings(coder="machine", machine_top=None)]
        assert sorted((m.about, m.about_id, m.text, m.coder) for m in again.memos()) == sorted(
            (m.about, m.about_id, m.text, m.coder) for m in study.memos()
        )
        assert [dataclasses.replace(c, source="") for c in again.codebook] == list(book())
        assert again.participants == study.participants
        assert [t.text for t in again.transcripts] == [t.text for t in study.transcripts]
        assert [t.turns for t in again.transcripts] == [t.turns for t in study.transcripts]


def test_the_machine_is_a_user_whose_reason_stands_at_the_selection(study, tmp_path):
    study.to_qdpx(tmp_path / "y.qdpx")
    tree = project(tmp_path / "y.qdpx")
    users = {user.get("name"): user.get("guid") for user in tree.iterfind(".//q:User", NS)}
    assert list(users) == ["李", "王", "machine"]
    mine = tree.xpath("//q:PlainTextSelection[@creatingUser=$guid]", namespaces=NS, guid=users["machine"])
    assert len(mine) == 3
    assert "提到想念" in mine[0].findtext("q:Description", namespaces=NS)
    assert "rank 1, probability 0.70" in mine[0].findtext("q:Description", namespaces=NS)
    assert {c.get("creatingUser") for s in mine for c in s.iterfind("q:Coding", NS)} == {users["machine"]}


def test_every_selection_and_note_has_a_time_and_leaf_codes_only_a_description(study, tmp_path):
    study.to_qdpx(tmp_path / "y.qdpx")
    tree = project(tmp_path / "y.qdpx")
    assert (
        tree.xpath("//q:PlainTextSelection[not(@creationDateTime)] | //q:Note[not(@creationDateTime)]", namespaces=NS)
        == []
    )
    assert tree.xpath("//q:Code/q:NoteRef", namespaces=NS) == []
    names = tree.xpath("//q:Note/@name", namespaces=NS)
    assert len(names) == len(set(names))


def test_what_another_program_does_not_see_is_told(study, tmp_path):
    topics = {loss.topic: loss.count for loss in study.to_qdpx(tmp_path / "y.qdpx")}
    assert topics["decisions"] == 3
    assert topics["retractions"] == topics["no-suggestion"] == topics["codebook-head"] == 1
    assert topics["turns"] == 6


@pytest.mark.slow
def test_a_project_changed_elsewhere_is_read_by_the_standard_and_says_so(study, tmp_path):
    study.to_qdpx(tmp_path / "y.qdpx")
    with zipfile.ZipFile(tmp_path / "y.qdpx") as package, zipfile.ZipFile(tmp_path / "z.qdpx", "w") as copy:
        for name in package.namelist():
            data = package.read(name)
            copy.writestr(
                name, data.replace('name="想念"'.encode(), 'name="思念"'.encode()) if name == "project.qde" else data
            )
    with Study.from_qdpx(tmp_path / "z.qdpx", tmp_path / "x.lbc") as again:
        assert [loss.topic for loss in again.losses] == ["changed-elsewhere"]
        assert again.codebook["longing"].name.zh == "思念"


def test_windows_line_ends_are_written_as_unix_and_positions_follow(tmp_path):
    text = CHILD.replace("\n", "\r\n")
    with Study.create(tmp_path / "s.lbc", transcript("K01", text, ("小麦", Role.CHILD)), book()) as study:
        study.record(decision(study, 1, "accepted", "longing"))
        losses = study.to_qdpx(tmp_path / "y.qdpx")
        said = study.passages[1].text
    assert "line-ends" in [loss.topic for loss in losses]
    bare = foreign(tmp_path / "y.qdpx", tmp_path / "z.qdpx")
    with Study.from_qdpx(bare, tmp_path / "x.lbc") as again:
        coding = again.codings()[0]
        assert again.transcripts[0].text == CHILD
        assert CHILD[coding.start : coding.end] == said


def test_control_characters_do_not_break_the_xml(tmp_path):
    text = "小麦：我\x0b跟外婆去菜园拔草\x01，拔完就在田埂上坐着，想我妈。\n"
    with Study.create(tmp_path / "s.lbc", transcript("K01", text, ("小麦", Role.CHILD)), book()) as study:
        study.record(decision(study, 0, "accepted", "longing", memo="\x00有怪字"))
        study.to_qdpx(tmp_path / "y.qdpx")
        here = study.codings()[0]
    schema("Project").assertValid(project(tmp_path / "y.qdpx"))
    bare = foreign(tmp_path / "y.qdpx", tmp_path / "z.qdpx")
    with Study.from_qdpx(bare, tmp_path / "x.lbc") as again:
        there = again.codings()[0]
        assert (there.start, there.end, there.memo) == (here.start, here.end, "\ufffd有怪字")


@pytest.mark.slow
def test_a_qdc_is_valid_and_comes_back(tmp_path):
    losses = write_qdc(reference(), tmp_path / "b.qdc")
    schema("Codebook").assertValid(etree.parse(tmp_path / "b.qdc"))
    back = load_codebook(tmp_path / "b.qdc")
    strip = [dataclasses.replace(code, source="") for code in back]
    assert strip == [dataclasses.replace(code, source="") for code in reference()]
    assert [loss.topic for loss in losses] == ["codebook-head"]
    write_qdc(back, tmp_path / "c.qdc")
    assert (tmp_path / "c.qdc").read_bytes() == (tmp_path / "b.qdc").read_bytes()


def qde(sources, *, codes=True, more="", cases="", users=True):
    """Return a project as another program might write it."""
    named = ((1, "swing"), (2, "pond"))
    listed = "".join(f'<Code guid="{G.format(n)}" name="{name}" isCodable="true"/>' for n, name in named)
    ann = f"{{{G.format(90).upper()}}}"
    return (
        f'<Project xmlns="urn:QDA-XML:project:1.0" name="Green" origin="Tool" creatingUserGUID="{ann}">'
        + (f'<Users><User guid="{ann}" name="Ann"/></Users>' if users else "")
        + (f"<CodeBook><Codes>{listed}</Codes></CodeBook>" if codes else "")
        + f"{cases}<Sources>{sources}</Sources>{more}</Project>"
    )


def source(selections, guid=10, name="Talk", path="internal://T.txt", inside=""):
    return f'<TextSource guid="{G.format(guid)}" name="{name}" plainTextPath="{path}">{inside}{selections}</TextSource>'


def selection(start, end, words, number=20, code=1, inner=""):
    coding = f'<Coding guid="{G.format(number + 50)}"><CodeRef targetGUID="{G.format(code)}"/></Coding>' if code else ""
    return (
        f'<PlainTextSelection guid="{G.format(number)}" name="{words}" startPosition="{start}" endPosition="{end}"'
        f' creatingUser="{G.format(90)}" creationDateTime="2024-01-02T03:04:05Z">{inner}{coding}</PlainTextSelection>'
    )


def read(folder, xml, text="", name="Sources/T.TXT", project_name="Some.qde"):
    with zipfile.ZipFile(folder / "in.qdpx", "w") as package:
        package.writestr(project_name, xml)
        package.writestr(name, text if isinstance(text, bytes) else text.encode())
    return Study.from_qdpx(folder / "in.qdpx", folder / "in.lbc")


WORDS = "𠮷家的塘"
TEXT = f"甲：😀那个秋千。\r\n乙：{WORDS}里有鱼。\r\n甲：是吗。"
AT = TEXT.index(WORDS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "end"),
    [(AT, AT + 4), (AT, AT + 3), (AT + 1, AT + 6), (AT + 1, AT + 5), (AT - 1, AT + 3), (AT - 1, AT + 2), (AT, AT + 5)],
    ids=["code points", "last included", "utf-16", "utf-16, last included", "line ends as one", "as one, last included",
         "utf-16, line ends as one"],
)  # fmt: skip
def test_positions_are_read_as_the_program_counted_them(tmp_path, start, end):
    with read(tmp_path, qde(source(selection(start, end, WORDS))), TEXT) as study:
        coding = study.codings()[0]
        assert (TEXT[coding.start : coding.end], coding.code_id, coding.coder) == (WORDS, "swing", "Ann")
        assert study.losses == ()


@pytest.mark.parametrize(("origin", "start"), [("ATLAS.ti 23", AT - 1), ("Tool", AT)])
def test_without_names_atlas_counts_a_line_end_as_one_and_the_doubt_is_told(tmp_path, origin, start):
    xml = qde(source(selection(start, start + 4, ""))).replace('origin="Tool"', f'origin="{origin}"')
    with read(tmp_path, xml, TEXT) as study:
        coding = study.codings()[0]
        assert TEXT[coding.start : coding.end] == WORDS
        assert [(loss.topic, loss.where) for loss in study.losses] == [("undecided", "Talk")]


def test_line_ends_counted_as_two_where_the_file_has_one(tmp_path):
    text = TEXT.replace("\r\n", "\n")
    with read(tmp_path, qde(source(selection(AT, AT + 4, WORDS))), text) as study:
        coding = study.codings()[0]
        assert text[coding.start : coding.end] == WORDS


def test_a_name_cut_short_is_enough_and_a_byte_order_mark_does_not_count(tmp_path):
    text = "﻿那个秋千还在老地方，绳子换过一回了。"
    with read(tmp_path, qde(source(selection(2, 12, "秋千还在老…"))), text) as study:
        assert study.transcripts[0].text == text[1:]
        coding = study.codings()[0]
        assert text[1:][coding.start : coding.end] == "秋千还在老地方，绳子"
        assert study.losses == ()


def test_a_name_that_fits_nowhere_is_told_and_one_outside_is_left(tmp_path):
    marks = selection(2, 4, "秋千") + selection(5, 7, "鱼塘边上", 21) + selection(50, 60, "", 22)
    with read(tmp_path, qde(source(marks)), "那个秋千还在老地方。") as study:
        assert [(loss.topic, loss.where) for loss in study.losses] == [
            ("doubtful", "Talk 5-7"),
            ("outside", "Talk 50-60"),
        ]
        assert [(c.start, c.end) for c in study.codings()] == [(2, 4), (5, 7)]


def test_text_inside_the_xml_and_paths_without_a_scheme_are_read(tmp_path):
    inside = f'<TextSource guid="{G.format(11)}" name="Two"><PlainTextContent>秋千。</PlainTextContent></TextSource>'
    with read(tmp_path, qde(source("", path="T.txt") + inside), "老地方。") as study:
        assert [(t.id, t.text) for t in study.transcripts] == [("Talk", "老地方。"), ("Two", "秋千。")]


def test_source_names_that_repeat_become_ids_of_their_own(tmp_path):
    with read(tmp_path, qde(source("") + source("", guid=11)), "老地方。") as study:
        assert [t.id for t in study.transcripts] == ["Talk", "Talk-2"]


def test_variables_on_cases_and_on_sources_become_attributes(tmp_path):
    variables = "".join(
        f'<Variable guid="{G.format(n)}" name="{name}" typeOfVariable="Text"/>'
        for n, name in ((40, "Cases:性别"), (41, "grade"))
    )
    value = '<VariableValue><VariableRef targetGUID="{}"/><TextValue>{}</TextValue></VariableValue>'
    cases = (
        f'<Variables>{variables}</Variables><Cases><Case guid="{G.format(45)}" name="Pei">'
        f'{value.format(G.format(40), "女")}<SourceRef targetGUID="{G.format(10)}"/></Case></Cases>'
    )
    with read(tmp_path, qde(source(value.format(G.format(41), "4")), cases=cases), "老地方。") as study:
        assert study.transcripts[0].metadata == {"participant": "Pei", "gender": "女", "grade": "4"}
        assert [(p.id, p.attributes["gender"], p.transcript_ids) for p in study.participants] == [
            ("Pei", "女", ("Talk",))
        ]


def test_descriptions_and_notes_of_selections_become_memos(tmp_path):
    words = "<PlainTextContent>要再问</PlainTextContent>"
    note = f'<Notes><Note guid="{G.format(70)}" creatingUser="{G.format(90)}">{words}</Note></Notes>'
    inner = "<Description>绳子是她爸系的</Description>"
    marks = selection(2, 4, "秋千", inner=inner) + selection(5, 7, "在老", 21, code=0, inner=inner)
    noted = selection(2, 4, "秋千", 22, code=2).replace(
        "</PlainTextSelection>", f'<NoteRef targetGUID="{G.format(70)}"/></PlainTextSelection>'
    )
    with read(tmp_path, qde(source(marks + noted), more=note), "那个秋千还在老地方。") as study:
        assert [(c.code_id, c.memo) for c in study.codings()] == [("pond", "要再问"), ("swing", "绳子是她爸系的")]
        assert [(m.text, m.about, m.start, m.end) for m in study.memos()] == [("绳子是她爸系的", "span", 5, 7)]


def test_a_note_on_a_selection_without_a_code_is_a_memo_on_its_words(tmp_path):
    words = "<PlainTextContent>要再问</PlainTextContent>"
    note = f'<Notes><Note guid="{G.format(70)}" creatingUser="{G.format(90)}">{words}</Note></Notes>'
    noted = selection(6, 8, "老地", code=0).replace(
        "</PlainTextSelection>", f'<NoteRef targetGUID="{G.format(70)}"/></PlainTextSelection>'
    )
    with read(tmp_path, qde(source(noted), more=note), "那个秋千还在老地方。") as study:
        assert study.codings() == []
        assert [(m.text, m.about, m.start, m.end) for m in study.memos()] == [("要再问", "span", 6, 8)]


def test_what_a_study_has_no_place_for_is_listed(tmp_path):
    more = (
        f'<Links><Link guid="{G.format(60)}" originGUID="{G.format(20)}" targetGUID="{G.format(21)}"/></Links>'
        f'<Sets><Set guid="{G.format(61)}" name="early"><MemberCode targetGUID="{G.format(1)}"/></Set></Sets>'
        f'<Graphs><Graph guid="{G.format(62)}" name="map"/></Graphs>'
    )
    sources = (
        source(selection(2, 4, "秋千", code=7) + selection(2, 4, "秋千", 21) + selection(2, 4, "秋千", 22))
        + f'<PictureSource guid="{G.format(63)}" name="photo"/>' + source("", guid=64, name="Gone", path="internal://no.txt")
    )  # fmt: skip
    with read(tmp_path, qde(sources, more=more), "那个秋千还在老地方。") as study:
        assert {loss.topic: loss.where for loss in study.losses} == {
            "sets": "early", "graphs": "map", "links": "", "PictureSource": "photo", "text-missing": "Gone",
            "unknown-code": "Talk 2-4", "twice": "Talk 2-4",
        }  # fmt: skip


def test_pdf_texts_and_transcripts_of_sound_are_read(tmp_path):
    words = selection(2, 4, "秋千")
    pdf = (
        f'<PDFSource guid="{G.format(12)}" name="scan.pdf"><Representation guid="{G.format(13)}" plainTextPath="T.txt">'
        f"{words}</Representation></PDFSource>"
    )
    sync = "".join(f'<SyncPoint guid="{G.format(80 + n)}" timeStamp="0" position="{p}"/>' for n, p in ((0, 5), (1, 7)))
    heard = (
        f'<AudioSource guid="{G.format(14)}" name="tape"><Transcript guid="{G.format(15)}">'
        "<PlainTextContent>那个秋千还在老地方。</PlainTextContent>"
        f'{sync}<TranscriptSelection guid="{G.format(16)}" fromSyncPoint="{G.format(80)}"'
        f' toSyncPoint="{G.format(81)}"><Coding guid="{G.format(17)}"><CodeRef targetGUID="{G.format(2)}"/></Coding>'
        "</TranscriptSelection></Transcript></AudioSource>"
    )
    with read(tmp_path, qde(pdf + heard), "那个秋千还在老地方。") as study:
        assert [(c.transcript_id, c.code_id, c.start, c.end) for c in study.codings()] == [
            ("scan.pdf", "swing", 2, 4), ("tape", "pond", 5, 7),
        ]  # fmt: skip
        assert [loss.topic for loss in study.losses] == ["AudioSource"]


def test_several_transcripts_of_one_recording_keep_their_codings_and_whose_they_are(tmp_path):
    def heard(number, words, code):
        first, second = (G.format(80 + 2 * number + n) for n in (0, 1))
        chosen = selection(2, 4, words, number=30 + number, code=code).replace("PlainText", "Transcript")
        places = f'fromSyncPoint="{first}" toSyncPoint="{second}"'
        return (
            f'<Transcript guid="{G.format(15 + number)}"><PlainTextContent>那个{words}还在老地方。</PlainTextContent>'
            f'<SyncPoint guid="{first}" timeStamp="0" position="2"/>'
            f'<SyncPoint guid="{second}" timeStamp="0" position="4"/>'
            + chosen.replace('startPosition="2" endPosition="4"', places) + "</Transcript>"
        )  # fmt: skip

    tape = f'<AudioSource guid="{G.format(14)}" name="tape">{heard(0, "秋千", 1)}{heard(1, "池塘", 2)}</AudioSource>'
    cases = f'<Cases><Case guid="{G.format(9)}" name="Pei"><SourceRef targetGUID="{G.format(14)}"/></Case></Cases>'
    with read(tmp_path, qde(tape, cases=cases)) as study:
        assert [(c.transcript_id, c.code_id) for c in study.codings()] == [("tape 1", "swing"), ("tape 2", "pond")]
        assert [(p.id, p.transcript_ids) for p in study.participants] == [("Pei", ("tape 1", "tape 2"))]


def test_cases_and_sources_of_one_name_stay_apart(tmp_path):
    def case(number, value):
        return (
            f'<Case guid="{G.format(number)}" name="Pei"><VariableValue><VariableRef targetGUID="{G.format(40)}"/>'
            f'<TextValue>{value}</TextValue></VariableValue><SourceRef targetGUID="{G.format(number + 20)}"/></Case>'
        )

    cases = f"<Cases>{case(50, 'a')}{case(51, 'b')}</Cases>"
    variables = f'<Variables><Variable guid="{G.format(40)}" name="village" typeOfVariable="Text"/></Variables>'
    sources = "".join(
        source("", guid=number, name=name) for number, name in ((70, "Talk"), (71, "Talk"), (72, "Talk-2"))
    )
    with read(tmp_path, qde(sources, cases=variables + cases), "那个秋千还在老地方。") as study:
        assert [t.id for t in study.transcripts] == ["Talk", "Talk-3", "Talk-2"]
        assert [(p.id, dict(p.attributes), p.transcript_ids) for p in study.participants] == [
            ("Pei", {"village": "a"}, ("Talk",)), ("Pei (2)", {"village": "b"}, ("Talk-3",)),
            ("Talk-2", {}, ("Talk-2",)),
        ]  # fmt: skip


def test_codes_that_are_cases_are_participants_and_not_codings(tmp_path):
    cases = f'<Cases><Case guid="{G.format(1)}" name="Pei"/></Cases>'
    with read(tmp_path, qde(source(selection(0, 4, "那个秋千")), cases=cases), "那个秋千还在老地方。") as study:
        assert study.codings() == []
        assert [(p.id, p.transcript_ids) for p in study.participants] == [("Pei", ("Talk",))]


def test_a_project_without_codes_or_users_is_a_study_without_codes(tmp_path):
    with read(tmp_path, qde(source(""), codes=False, users=False), "那个秋千还在老地方。") as study:
        assert len(study.codebook) == 0
        study.to_qdpx(tmp_path / "y.qdpx")
    schema("Project").assertValid(project(tmp_path / "y.qdpx"))


def test_a_project_whose_texts_are_elsewhere_keeps_its_codes_and_says_so(tmp_path):
    (tmp_path / "alone.qde").write_text(qde(source(selection(0, 4, "那个秋千"))), encoding="utf-8")
    with Study.from_qdpx(tmp_path / "alone.qde", tmp_path / "x.lbc") as study:
        assert study.codebook.ids == ("swing", "pond")
        assert [(loss.topic, loss.where) for loss in study.losses] == [("text-missing", "Talk")]


@pytest.mark.parametrize(
    ("xml", "message"),
    [("<CodeBook/>", "the root element is CodeBook"), ("<Project", "not well-formed"),
     (qde("", codes=False), "no text and no codes"),
     ('<!DOCTYPE a [<!ENTITY b "c">]><Project/>', "DOCTYPE")],
)  # fmt: skip
def test_what_is_no_project_is_refused_and_leaves_no_study(tmp_path, xml, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, xml)
    assert not (tmp_path / "in.lbc").exists()


def test_packages_that_hold_no_or_two_projects_or_are_broken_are_refused(tmp_path):
    for names in ((), ("a.qde", "b.qde")):
        with zipfile.ZipFile(tmp_path / "in.qdpx", "w") as package:
            for name in names:
                package.writestr(name, "<Project/>")
        with pytest.raises(InputError, match=f"holds {len(names)} .qde files"):
            Study.from_qdpx(tmp_path / "in.qdpx", tmp_path / "x.lbc")
    (tmp_path / "in.qdpx").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(InputError):
        Study.from_qdpx(tmp_path / "in.qdpx", tmp_path / "x.lbc")
    with pytest.raises(InputError, match="cannot be opened"):
        Study.from_qdpx(tmp_path / "none.qdpx", tmp_path / "x.lbc")
