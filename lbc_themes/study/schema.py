"""The tables of a study file, by version."""

APPLICATION_ID = 0x4C424354
VERSION = 2

_TABLES = (
    "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE transcript (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL,"
    " added TEXT NOT NULL)",
    "CREATE TABLE passage (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    " transcript_id TEXT NOT NULL REFERENCES transcript (id), spans TEXT NOT NULL, speaker TEXT NOT NULL,"
    " role TEXT NOT NULL, question TEXT NOT NULL)",
    "CREATE INDEX passage_of ON passage (transcript_id)",
    "CREATE TABLE participant (id TEXT PRIMARY KEY, attributes TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE spoke (participant_id TEXT NOT NULL REFERENCES participant (id),"
    " transcript_id TEXT NOT NULL REFERENCES transcript (id), PRIMARY KEY (participant_id, transcript_id))"
    " WITHOUT ROWID",
    "CREATE TABLE codebook (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, version TEXT NOT NULL,"
    " record TEXT NOT NULL, added TEXT NOT NULL)",
    "CREATE TABLE run (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, time TEXT NOT NULL,"
    " options TEXT NOT NULL)",
    "CREATE TABLE suggestion (run_number INTEGER NOT NULL REFERENCES run (number),"
    " passage_id TEXT NOT NULL REFERENCES passage (id), record TEXT NOT NULL, PRIMARY KEY (run_number, passage_id))"
    " WITHOUT ROWID",
    "CREATE TABLE entry (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " kind TEXT NOT NULL CHECK (kind IN ('decision', 'coding', 'memo', 'retraction')), coder TEXT NOT NULL,"
    " time TEXT NOT NULL)",
    "CREATE TABLE decision (entry_id INTEGER PRIMARY KEY REFERENCES entry (id),"
    " passage_id TEXT NOT NULL REFERENCES passage (id),"
    " verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'changed', 'rejected')), codes TEXT NOT NULL,"
    " memo TEXT NOT NULL, run TEXT REFERENCES run (name))",
    "CREATE TABLE coding (entry_id INTEGER PRIMARY KEY REFERENCES entry (id),"
    ' transcript_id TEXT NOT NULL REFERENCES transcript (id), start INTEGER NOT NULL, "end" INTEGER NOT NULL,'
    ' code_id TEXT NOT NULL, memo TEXT NOT NULL, CHECK (0 <= start AND start < "end"))',
    "CREATE TABLE memo (entry_id INTEGER PRIMARY KEY REFERENCES entry (id), about TEXT NOT NULL,"
    " about_id TEXT NOT NULL, text TEXT NOT NULL)",
    "CREATE TABLE retraction (entry_id INTEGER PRIMARY KEY REFERENCES entry (id),"
    " target INTEGER NOT NULL UNIQUE REFERENCES entry (id))",
)
_SECOND = (
    "CREATE TABLE themes (number INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, record TEXT NOT NULL)",
    "CREATE TABLE withdrawal (number INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, coder TEXT NOT NULL,"
    " record TEXT NOT NULL)",
)
_APPEND_ONLY = {
    "transcript": ("id",), "passage": ("id",), "codebook": ("number",), "run": ("name",),
    "suggestion": ("run_number", "passage_id"), "entry": ("id",), "decision": ("entry_id",), "coding": ("entry_id",),
    "memo": ("entry_id",), "retraction": ("entry_id", "target"), "themes": ("number",), "withdrawal": ("number",),
}  # fmt: skip


def _guards(*tables: str) -> tuple[str, ...]:
    """Return triggers that refuse every UPDATE, DELETE and INSERT OR REPLACE of what may only be added to."""
    found = []
    for table in tables:
        key = _APPEND_ONLY[table]
        refuse = f"BEGIN SELECT RAISE(ABORT, 'append-only: rows of {table} are never changed or removed'); END"
        joined = " OR " if table == "retraction" else " AND "
        same = joined.join(f"{column} = NEW.{column}" for column in key)
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 (names from this file)
        found += [
            f"CREATE TRIGGER {table}_not_updated BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table} WHEN {taken} {refuse}",
        ]
    return tuple(found)


GUARDS = _guards(*_APPEND_ONLY)
CREATE = (*_TABLES, *_SECOND, *GUARDS)
UNGUARD = tuple(
    f"DROP TRIGGER {table}_not_{change}" for table in _APPEND_ONLY for change in ("updated", "deleted", "replaced")
)
"""What takes the guards away, for the withdrawal of a participant alone; ``GUARDS`` puts them back."""

# From each older version, the statements that lead to the next one.
MIGRATIONS: dict[int, tuple[str, ...]] = {1: (*_SECOND, *_guards("themes", "withdrawal"))}
