"""Every attribute and element that the two schemas allow is kept by the reader or counted among what is lost."""

import copy
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from lbc_themes.codebook import check_codebook, load_codebook
from lbc_themes.core.errors import InputError
from lbc_themes.exchange import read_qdpx

pytestmark = pytest.mark.slow

XSD = "{http://www.w3.org/2001/XMLSchema}"
NS = "urn:QDA-XML:project:1.0"
SCHEMAS = Path(__file__).parents[1] / "data" / "refi-qda"
TREE, BOOK_TREE = etree.parse(SCHEMAS / "Project.xsd"), etree.parse(SCHEMAS / "Codebook.xsd")
TEXT = "访谈者：放假咋样？\n小麦：想俺妈，想得睡不着。\n访谈者：后来呢？\n小麦：数羊。\n"

# A thing's own GUID only names it inside the file; that references to it are followed is seen where they are removed.
# Positions, types and targets that the schema requires are read, or their holder is counted.
IDENTITY = {"guid"}


class Full:
    """A tree in which every element and attribute of a schema stands at least once, with values of their own."""

    def __init__(self, tree, tag):
        self.number = 0
        self.targets = {}
        self.namespace = tree.getroot().get("targetNamespace")
        self.types = {each.get("name"): each for each in tree.iter(f"{XSD}complexType")}
        self.root = self.element(tag, f"{tag}Type", ())

    def guid(self):
        self.number += 1
        return f"0d62985d-b147-5d01-a9b5-{self.number:012d}"

    def element(self, tag, type_name, above):
        made = etree.Element(f"{{{self.namespace}}}{tag}")
        declared = self.types[type_name]
        for attribute in declared.iterfind(f"{XSD}attribute"):
            made.set(attribute.get("name"), self.value(attribute, tag))
        for inner in declared.iter(f"{XSD}element"):
            name, inner_type = inner.get("name"), inner.get("type")
            if above.count(inner_type) > (1 if inner_type == "CodeType" else 0) or self.left_out(name, tag):
                continue
            if inner_type in self.types:
                made.append(self.element(name, inner_type, (*above, type_name)))
            else:
                child = etree.SubElement(made, f"{{{self.namespace}}}{name}")
                child.text = self.text(name, tag)
        return made

    def left_out(self, name, tag):
        # A variable has one value.
        return tag == "VariableValue" and name not in {"VariableRef", "TextValue"}

    def text(self, name, tag):
        self.number += 1
        return TEXT if name == "PlainTextContent" and tag != "Note" else f"说明{self.number}"

    def value(self, attribute, tag):
        name, kind = attribute.get("name"), attribute.get("type")
        self.number += 1
        special = {
            "startPosition": "13", "endPosition": "16", "isCodable": "false", "typeOfVariable": "Integer",
            "direction": "OneWay", "shape": "Note", "lineStyle": "solid", "color": "#AA3300",
            "timeStamp": "12", "position": "13",
        }  # fmt: skip
        if name in special:
            return special[name]
        if name == "guid":
            guid = self.guid()
            self.targets.setdefault(tag, guid)
            return guid
        if kind == "GUIDType":
            return f"pending:{name}:{tag}"
        if kind == "xsd:dateTime":
            return f"2024-01-{1 + self.number % 28:02d}T{self.number % 24:02d}:00:00Z"
        return str(self.number) if kind == "xsd:integer" else f"名{self.number}"


def full_users(full, users):
    """Yield the GUIDs of new users, one for each attribute that names one."""
    while True:
        yield etree.SubElement(users, f"{{{NS}}}User", guid=full.guid(), name=f"编码者{len(users)}").get("guid")


def linked(full):
    """Let references point to things of the right kind, so that they are followed."""
    goals = {"CodeRef": "Code", "MemberCode": "Code", "SourceRef": "TextSource", "MemberSource": "TextSource",
             "MemberNote": "Note", "SelectionRef": "PlainTextSelection"}  # fmt: skip
    notes, variables = (full.root.find(f"{{{NS}}}{holder}") for holder in ("Notes", "Variables"))
    users = full.root.find(f"{{{NS}}}Users")
    guids = full_users(full, users)
    for each in list(full.root.iter()):
        tag = etree.QName(each).localname
        for name, value in each.attrib.items():
            if not value.startswith("pending:"):
                continue
            if tag == "NoteRef":
                note = etree.SubElement(notes, f"{{{NS}}}Note", guid=full.guid())
                etree.SubElement(note, f"{{{NS}}}PlainTextContent").text = f"备忘{full.number}"
                each.set(name, note.get("guid"))
            elif tag == "VariableRef":
                own = etree.SubElement(variables, f"{{{NS}}}Variable", guid=full.guid(), name=f"变量{full.number}")
                own.set("typeOfVariable", "Text")
                each.set(name, own.get("guid"))
            elif name == "targetGUID" and tag in goals:
                each.set(name, full.targets[goals[tag]])
            elif tag == "Link":
                each.set(name, full.targets["PlainTextSelection" if name == "originGUID" else "Code"])
            elif name in {"fromSyncPoint", "toSyncPoint"}:
                points = each.getparent().findall(f"{{{NS}}}SyncPoint")
                each.set(name, points[0 if name.startswith("from") else 1].get("guid"))
            elif "ser" in name:
                each.set(name, next(guids))
            else:
                each.set(name, full.targets.get("Code", ""))
    return full.root


@pytest.fixture(scope="module")
def codebook():
    return Full(BOOK_TREE, "CodeBook").root


@pytest.fixture(scope="module")
def project():
    full = Full(TREE, "Project")
    for transcript in full.root.findall(f".//{{{NS}}}Transcript"):
        point = transcript.find(f"{{{NS}}}SyncPoint")
        second = etree.Element(f"{{{NS}}}SyncPoint", guid=full.guid(), timeStamp="15", position="16")
        point.addnext(second)
    root = linked(full)
    for text in root.findall(f".//{{{NS}}}PlainTextContent"):
        text.getparent().attrib.pop("plainTextPath", None)
    return root


def read(root, folder):
    with zipfile.ZipFile(folder / "p.qdpx", "w") as package:
        package.writestr("project.qde", etree.tostring(root, encoding="utf-8"))
    contents, losses = read_qdpx(folder / "p.qdpx")
    return repr(contents), sorted((loss.topic, loss.count, loss.where) for loss in losses)


def spots(root, identity):
    """Every place at which something can be taken away: number of the element, attribute or None for the whole.

    Of what stands several times at one path, the first: one is read as the other.
    """
    first = {}
    for number, each in enumerate(root.iter()):
        path = path_of(each)
        for name in each.attrib if number == 0 else (*each.attrib, None):
            if name not in identity:
                first.setdefault((path, name), number)
    return [(number, name) for (_, name), number in first.items()]


def path_of(element):
    tags = [etree.QName(each).localname for each in (*reversed(list(element.iterancestors())), element)]
    return "/".join(tags)


# What the schema requires is changed and not taken away.
CHANGED = {
    "startPosition": "12", "endPosition": "99", "position": "99", "timeStamp": "0", "isCodable": "true",
    "typeOfVariable": "Text",
}  # fmt: skip
# Whoever coded nothing is counted where they are named as maker. A case that has a selection has its source. Graph, set
# and link are counted whole, whatever they point to.
COUNTED_WHOLE = {
    "Project/Users/User", "Project/Users/User@name", "Project/Variables/Variable@name", "Project/Cases/Case/SourceRef",
    "Project/Links/Link@originGUID", "Project/Links/Link@targetGUID",
    *(f"Project/{place}/PlainTextSelection@{name}Position" for name in ("start", "end")
      for place in ("Notes/Note", "Sources/PDFSource/PDFSelection/Representation")),
}  # fmt: skip
SET_OR_GRAPH = ("Project/Sets/", "Project/Graphs/")


def test_taking_anything_away_from_a_full_project_changes_what_is_read_or_what_is_said_to_be_lost(project, tmp_path):
    whole = read(project, tmp_path)
    silent = []
    for number, name in spots(project, IDENTITY):
        less = copy.deepcopy(project)
        spot = list(less.iter())[number]
        path = path_of(spot)
        if name is None:
            spot.getparent().remove(spot)
        elif name == "targetGUID" or spot.get(name) == CHANGED.get(name):
            continue
        elif name in CHANGED:
            spot.set(name, CHANGED[name])
        else:
            del spot.attrib[name]
        try:
            after = read(less, tmp_path)
        except InputError as refusal:
            after = refusal
        if after == whole:
            silent.append(f"{path}@{name}" if name else path)
    silent = [spot for spot in silent if spot not in COUNTED_WHOLE]
    silent = [spot for spot in silent if not (spot.startswith(SET_OR_GRAPH) and "@" in spot)]
    assert silent == []


def test_the_full_project_holds_all_that_the_schema_knows(project):
    tags = {etree.QName(each).localname for each in project.iter()}
    declared = {each.get("name") for each in TREE.iter(f"{XSD}element")}
    assert declared - tags <= {"BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue"}
    attributes = {name for each in project.iter() for name in each.attrib} | {"plainTextPath"}
    assert {each.get("name") for each in TREE.iter(f"{XSD}attribute")} <= attributes


def read_book(root, folder):
    path = folder / "book.qdc"
    path.write_bytes(etree.tostring(root, encoding="utf-8"))
    return repr(load_codebook(path)), [(p.code, p.message.en) for p in check_codebook(path)]


def test_taking_anything_away_from_a_full_codebook_changes_what_is_read_or_what_is_said_of_it(codebook, tmp_path):
    whole, silent = read_book(codebook, tmp_path), []
    for number, name in spots(codebook, ()):
        less = copy.deepcopy(codebook)
        spot = list(less.iter())[number]
        path = path_of(spot)
        if name is None:
            spot.getparent().remove(spot)
        elif name == "isCodable":
            spot.set(name, "true")
        else:
            del spot.attrib[name]
        try:
            after = read_book(less, tmp_path)
        except InputError as refusal:
            after = refusal
        if after == whole:
            silent.append(f"{path}@{name}" if name else path)
    # The GUID of a set, which is not read, only names it inside the file.
    assert silent == ["CodeBook/Sets/Set@guid"]


def test_the_full_codebook_holds_all_that_the_schema_knows(codebook):
    assert {etree.QName(e).localname for e in codebook.iter()} == {
        e.get("name") for e in BOOK_TREE.iter(f"{XSD}element")
    }
    assert {n for e in codebook.iter() for n in e.attrib} == {e.get("name") for e in BOOK_TREE.iter(f"{XSD}attribute")}
