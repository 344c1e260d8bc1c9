"""What QualCoder makes of a REFI-QDA project, step by step, written from reading its importer (refi.py, 2025).

It keeps QualCoder's tables, with what must be unique in them, and its habits: Python positions, the owner of a coding
from its selection, a code that is no category, an annotation for a selection without a code. Where QualCoder would stop
with an error, so does this reader.
"""

import io
import sqlite3
import weakref
import xml.etree.ElementTree as ET
import zipfile

TABLES = """
CREATE TABLE code_name (cid INTEGER PRIMARY KEY, name TEXT UNIQUE, memo TEXT, catid INTEGER, supercid INTEGER);
CREATE TABLE code_cat (catid INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT UNIQUE, fulltext TEXT, owner TEXT);
CREATE TABLE code_text (cid INTEGER, fid INTEGER, seltext TEXT, pos0 INTEGER, pos1 INTEGER, owner TEXT, memo TEXT,
  date TEXT, UNIQUE (cid, fid, pos0, pos1, owner));
CREATE TABLE annotation (fid INTEGER, pos0 INTEGER, pos1 INTEGER, memo TEXT, owner TEXT,
  UNIQUE (fid, pos0, pos1, owner));
CREATE TABLE cases (caseid INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE attribute_type (name TEXT PRIMARY KEY, kind TEXT);
CREATE TABLE attribute (name TEXT, value TEXT, id INTEGER, UNIQUE (name, id));
CREATE TABLE journal (name TEXT UNIQUE, jentry TEXT, owner TEXT);
"""


class Imported:
    """The tables after an import, in memory."""

    def __init__(self, path):
        self.db = sqlite3.connect(":memory:")
        weakref.finalize(self, self.db.close)  # Python 3.13 warns of a connection that nobody closed
        self.db.executescript(TABLES)
        self.package = zipfile.ZipFile(path)
        names = self.package.namelist()
        (project,) = [name for name in names if name.endswith(".qde")]
        folders = {name.partition("/")[0] for name in names if "/" in name}
        self.folder = "sources" if "sources" in folders else "Sources"
        self.root = ET.fromstring(self.package.read(project))
        self.space = next(iter(self.root)).tag.partition("}")[0] + "}"
        assert "ATLAS" not in self.root.attrib["origin"]
        self.users = {each.get("guid"): each.get("name") for each in self.parts("Users")}
        self.codes, self.variables = {}, {}
        self._read()

    def rows(self, sql):
        return self.db.execute(sql).fetchall()

    def parts(self, name):
        return [each for held in self.root.findall(self.space + name) for each in held]

    def _read(self):
        for book in self.root.findall(f"{self.space}CodeBook"):
            for code in next(iter(book)):
                self._code(code, None, None)
        for each in self.parts("Variables"):
            self.variables[each.get("guid")] = each.get("name")
            self.db.execute("INSERT INTO attribute_type VALUES (?, 'case')", (each.get("name"),))
        for each in self.parts("Sources"):
            self._source(each)
        for each in self.parts("Notes"):
            self._journal(each)
        for each in self.parts("Cases"):
            self._case(each)

    def _code(self, code, category, above):
        name, inner = code.get("name"), code.findall(f"{self.space}Code")
        try:
            if code.get("isCodable") == "false":
                row = self.db.execute("INSERT INTO code_cat (name) VALUES (?)", (name,))
                for each in inner:
                    self._code(each, row.lastrowid, None)
                return
            memo = code.findtext(f"{self.space}Description")
            held = (name, memo, category if above is None else None, above)
            row = self.db.execute("INSERT INTO code_name (name, memo, catid, supercid) VALUES (?, ?, ?, ?)", held)
            self.codes[code.get("guid")] = number = row.lastrowid
        except sqlite3.IntegrityError:  # a second code of that name is dropped, and its codings lose their code
            number = self.db.execute("SELECT cid FROM code_name WHERE name = ?", (name,)).fetchone()[0]
        for each in inner:
            self._code(each, None, number)

    def _text(self, element):
        name = element.get("plainTextPath").split("internal:/")[1]
        return io.TextIOWrapper(self.package.open(self.folder + name), encoding="utf-8", errors="replace").read()

    def _owner(self, element):
        return self.users.get(element.get("creatingUser") or element.get("modifyingUser"), "default")

    def _source(self, source):
        text = self._text(source)
        held = (source.get("name"), text, self._owner(source))
        number = self.db.execute("INSERT INTO source (name, fulltext, owner) VALUES (?, ?, ?)", held).lastrowid
        for each in source.findall(f"{self.space}PlainTextSelection"):
            self._selection(each, number, text)

    def _selection(self, selection, source, text):
        start, end = int(selection.get("startPosition")), int(selection.get("endPosition"))
        date = selection.get("creationDateTime").replace("T", " ").replace("Z", "")
        memo, owner = selection.findtext(f"{self.space}Description") or "", self._owner(selection)
        codings = selection.findall(f"{self.space}Coding")
        for coding in codings:
            code = self.codes.get(next(iter(coding)).get("targetGUID"))
            held = (code, source, text[start:end], start, end, owner, memo, date)
            self.db.execute("INSERT INTO code_text VALUES (?, ?, ?, ?, ?, ?, ?, ?)", held)
        if not codings:
            self.db.execute("INSERT INTO annotation VALUES (?, ?, ?, ?, ?)", (source, start, end, memo, owner))

    def _journal(self, note):
        assert note.get("creationDateTime")
        self.db.execute("INSERT INTO journal VALUES (?, ?, ?)", (note.get("name"), self._text(note), self._owner(note)))

    def _case(self, case):
        number = self.db.execute("INSERT INTO cases (name) VALUES (?)", (case.get("name"),)).lastrowid
        for value in case.findall(f"{self.space}VariableValue"):
            name = self.variables[value.find(f"{self.space}VariableRef").get("targetGUID")]
            held = (name, value.findtext(f"{self.space}TextValue"), number)
            self.db.execute("INSERT INTO attribute VALUES (?, ?, ?)", held)
