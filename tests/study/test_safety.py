"""A crash, a full disk or an older file loses nothing that was recorded."""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from study_samples import decision, made

from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.core.records import Decision, Verdict
from lbc_themes.core.study_log import Entry, Retraction, upgraded
from lbc_themes.study import Study, store

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("LBC_KILLS", "20"))
DATA = Path(__file__).parents[1] / "data"
CODER = """
import sys
from lbc_themes.core.records import Decision, Verdict
from lbc_themes.study import Study
with Study.open(sys.argv[1]) as study:
    passages, number = study.passages, 0
    while True:
        number += 1
        memo = f"{sys.argv[2]}-{number}"
        passage = passages[number % len(passages)].id
        study.record(Decision(passage_id=passage, verdict=Verdict.ACCEPTED, code_ids=("longing",), coder=sys.argv[2],
                              time="t", memo=memo))
        print(memo, flush=True)
"""


def coder(path, name):
    return subprocess.Popen([sys.executable, "-c", CODER, str(path), name], stdout=subprocess.PIPE, text=True)


def killed(process, after):
    """Let a coder store some decisions, kill it, and return what it was told is stored.

    A coder that had to wait for the file too long was refused and has ended: it was told less, or nothing.
    """
    told = [process.stdout.readline().strip() for _ in range(after)]
    os.kill(process.pid, signal.SIGKILL)
    rest = process.stdout.read().split("\n")[:-1]
    process.wait()
    process.stdout.close()
    return [line for line in (*told, *rest) if line]


def test_kill_9_loses_no_decision_and_leaves_a_file_that_opens(tmp_path):
    with made(tmp_path) as study:
        path = study.path
    told = []
    for round_ in range(0, KILLS, 2):
        pair = [coder(path, f"甲{round_}"), coder(path, f"乙{round_}")]
        for number, process in enumerate(pair):
            told += killed(process, 1 + (round_ + number) % 7)
        with Study.open(path) as study:
            stored = {each.memo for each in study.decisions(standing=False)}
        assert set(told) <= stored
    assert len(told) >= KILLS


def test_two_processes_write_at_once_and_all_is_kept(tmp_path):
    with made(tmp_path) as study:
        pair = [coder(study.path, name) for name in ("甲", "乙")]
        told = [memo for process in pair for memo in killed(process, 30)]
        assert set(told) <= {each.memo for each in study.decisions(standing=False)}


WITHDRAWER = """
import sys
from lbc_themes.study import Study
with Study.open(sys.argv[1]) as study:
    print("ready", flush=True)
    study.withdraw("K01", by="周")
    print("done", flush=True)
"""


def test_kill_9_in_the_middle_of_a_withdrawal_leaves_all_of_it_or_nothing(tmp_path):
    for number in range(max(4, KILLS // 4)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with made(folder) as study:
            path = study.path
            study.record(decision(study, 0, "accepted", "longing", memo="她说的拔草那天"))
        command = [sys.executable, "-c", WITHDRAWER, str(path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.004 * number)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        with Study.open(path) as study:
            gone = len(study.transcripts) == 1
            assert (len(study.withdrawals), len(study.decisions())) == ((1, 0) if gone else (0, 1))
            assert study._store.read("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")[0][0] >= 30
        held = b"".join(file.read_bytes() for file in folder.iterdir())
        assert gone != ("拔草".encode() in held)


def test_a_full_database_is_told_and_keeps_what_was_stored(tmp_path):
    with made(tmp_path) as study:
        study.record(decision(study, 0, "accepted", "longing"))
        pages = study._store.read("PRAGMA page_count")[0][0]
        study._store.read(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(LbcError, match="the disk is full, and nothing of this step was stored"):
            study.record(decision(study, 1, "accepted", "longing", memo="长" * 50_000))
        assert len(study.decisions()) == 1
        study.record(decision(study, 1, "rejected"))
    with Study.open(study.path) as again:
        assert len(again.decisions()) == 2


LIMITED = """
import resource, signal, sys
from lbc_themes.core.errors import LbcError
from lbc_themes.core.records import Decision, Verdict
from lbc_themes.study import Study
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
study = Study.open(sys.argv[1])
passage = study.passages[0].id
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
stored = 0
try:
    while True:
        study.record(Decision(passage_id=passage, verdict=Verdict.REJECTED, code_ids=(), coder="甲", time="t",
                              memo="长" * 2000))
        stored += 1
except LbcError as refusal:
    print(stored, refusal)
"""


def test_a_disk_that_refuses_to_write_is_told_and_the_file_still_opens(tmp_path):
    with made(tmp_path) as study:
        path = study.path
    limit = str(path.stat().st_size + 200_000)
    done = subprocess.run([sys.executable, "-c", LIMITED, str(path), limit], capture_output=True, text=True, check=True)
    stored, _, said = done.stdout.partition(" ")
    assert int(stored) > 3
    assert "disk" in said
    with Study.open(path) as again:
        assert len(again.decisions(standing=False)) == int(stored)


def test_no_file_is_left_where_the_disk_is_full_at_the_start(tmp_path):
    script = (
        "import resource, signal, sys; sys.path.insert(0, sys.argv[2]); from pathlib import Path;"
        "from study_samples import made; from lbc_themes.core.errors import LbcError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
        "try:\n    made(Path(sys.argv[1]))\nexcept LbcError as refusal:\n    print(refusal)"
    )
    tests = str(Path(__file__).parents[1])
    command = [sys.executable, "-B", "-c", script, str(tmp_path), tests]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "disk" in done.stdout
    assert list(tmp_path.iterdir()) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 20000


@pytest.mark.parametrize("version", range(1, store.VERSION + 1))
def test_a_file_of_each_version_opens(tmp_path, version):
    path = Path(shutil.copy(DATA / f"study-v{version}.lbc", tmp_path))
    with Study.open(path) as study:
        assert [(c.transcript_id, c.code_id, c.coder) for c in study.codings()] == [
            ("K01", "longing", "machine"), ("K01", "school", "王"), ("K01", "homework", "machine"),
            ("K01", "longing", "李"),
        ]  # fmt: skip
        assert [memo.text for memo in study.memos()] == ["第一版写下的备忘"]
        assert len(study.decisions(standing=False)) == 3
        assert study._store.read("PRAGMA user_version") == [(store.VERSION,)]
        study.record(decision(study, 2, "accepted", "school"))


def test_a_file_of_an_older_version_gets_every_table_and_guard_of_a_new_one(tmp_path):
    path = Path(shutil.copy(DATA / "study-v1.lbc", tmp_path))
    said = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
    with Study.open(path) as old, made(tmp_path) as new:
        assert old._store.read(said) == new._store.read(said)


def test_no_code_and_adjudication_become_fields_of_the_records_of_an_older_file(tmp_path):
    path = Path(shutil.copy(DATA / "study-v2-adjudicated.lbc", tmp_path))
    with Study.open(path) as study:
        found = [(d.coder, d.adjudication, d.code_ids, d.no_code, d.memo) for d in study.decisions(standing=False)]
        assert found == [
            ("李", False, ("longing",), False, ""),
            ("王", False, (), True, ""),
            ("李", True, ("longing",), False, "只说想念"),
            ("李", False, (), False, ""),
            ("王", False, (), False, "看不懂"),
            ("王", True, (), True, "两人都读过，不算"),
            ("李", False, (), True, ""),
            ("李", True, ("school",), False, ""),
            ("李", True, (), True, ""),
        ]
        first = study.passages[0].id
        own, adjudicated = study.decision_on(first, "王"), study.decision_on(first, "李", adjudication=True)
        assert (own.no_code, adjudicated.code_ids) == (True, ("longing",))
        assert [(c.coder, c.adjudication) for c in study.codings(adjudication=True, machine_top=0)] == [
            ("王", True), ("李", True)
        ]  # fmt: skip
        assert [(each.coder, each.passages) for each in study.status().coders] == [("李", 3), ("王", 2)]
        assert study.status().adjudicated == 3
        assert [entry.coder for entry in study.history() if isinstance(entry.record, Retraction)] == ["李"]


def test_an_older_file_and_its_copy_in_a_project_say_the_same(tmp_path):
    """The two ways on which old records come in: the migration of a file, and contents in a .qdpx of that time."""
    path = Path(shutil.copy(DATA / "study-v2-adjudicated.lbc", tmp_path))
    db = sqlite3.connect(path)
    old = []
    for number, coder, written in db.execute("SELECT id, coder, time FROM entry").fetchall():
        for passage_id, verdict, codes, memo in db.execute(
            "SELECT passage_id, verdict, codes, memo FROM decision WHERE entry_id = ?", (number,)
        ):
            record = Decision(
                passage_id=passage_id, verdict=Verdict(verdict), code_ids=tuple(json.loads(codes)), coder=coder,
                time=written, memo=memo,
            )  # fmt: skip
            old.append(Entry(id=number, coder=coder, time=written, record=record))
    db.close()
    with Study.open(path) as study:
        kept = [entry for entry in study.history() if isinstance(entry.record, Decision)]
        assert list(upgraded(replace(study.contents(), entries=tuple(old))).entries) == kept


def test_an_older_file_is_brought_up_to_date_once(tmp_path, monkeypatch):
    with made(tmp_path) as study:
        study.record(decision(study, 0, "accepted", "longing"))
    later = store.VERSION + 1
    monkeypatch.setattr(store, "VERSION", later)
    monkeypatch.setattr(store, "expected_schema", store.expected_schema.__wrapped__)
    monkeypatch.setitem(store.MIGRATIONS, later - 1, ("CREATE TABLE shelf (id INTEGER PRIMARY KEY)",))
    for _ in range(2):
        with Study.open(study.path) as again:
            assert again._store.read("SELECT count(*) FROM shelf") == [(0,)]
            assert len(again.decisions()) == 1


def test_a_step_that_fails_leaves_the_older_file_as_it_was(tmp_path, monkeypatch):
    with made(tmp_path) as study:
        study.record(decision(study, 0, "accepted", "longing"))
    with monkeypatch.context() as patched:
        patched.setattr(store, "VERSION", store.VERSION + 1)
        patched.setitem(
            store.MIGRATIONS,
            store.VERSION - 1,
            ("CREATE TABLE shelf (id INTEGER)", "CREATE TABLE entry (id INTEGER)"),
        )
        with pytest.raises(LbcError, match="already exists"):
            Study.open(study.path)
    with Study.open(study.path) as again:
        assert len(again.decisions()) == 1
        assert again._store.read("SELECT count(*) FROM sqlite_master WHERE name = 'shelf'") == [(0,)]


def test_a_file_of_a_newer_release_is_refused(tmp_path):
    with made(tmp_path) as study:
        path = study.path
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(InputError, match="version 99 and this release reads up to 6; update lbc_themes"):
        Study.open(path)


def test_a_writer_that_holds_the_file_too_long_is_told(tmp_path):
    with made(tmp_path) as study:
        study._store.read("PRAGMA busy_timeout = 50")
        other = sqlite3.connect(study.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LbcError, match="another program has been writing"):
            study.record(decision(study, 0, "accepted", "longing"))
        other.execute("ROLLBACK")
        other.close()
        study.record(decision(study, 0, "accepted", "longing"))
