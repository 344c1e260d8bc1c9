"""Damaged, moved, replaced, mixed-up files: nothing that was acknowledged is lost, and nothing is wrong in silence."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from study_samples import decision, made, suggested

from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.core.records import Coding
from lbc_themes.study import DamagedStudyError, Memo, Study, StudyReplacedError, store
from lbc_themes.study.recovery import check_study, rescue_study, restore_study, scanned_records

FLIPS = int(os.environ.get("LBC_FLIPS", "60"))
REPLACED = int(os.environ.get("LBC_REPLACED", "12"))
RESTORES = int(os.environ.get("LBC_RESTORES", "12"))


def worked_on(folder, decisions=40, name="s.lbc"):
    """A study in which something of every kind is stored."""
    with made(folder, name) as study:
        study.add_suggestions(suggested(study), run="first")
        for number in range(decisions):
            study.record(decision(study, number % 3, "accepted", "longing", memo=f"第{number}个"), run="first")
        study.record(decision(study, 0, "changed", "school", coder="王", adjudication=True))
        study.record_coding(Coding(transcript_id="K01", start=20, end=30, code_id="school", coder="王"))
        study.record_memo(Memo(text="想再听一遍录音", coder="王", about="transcript", about_id="K01"))
        study.undo("王")
        study.set_participant("K01", {"village": "石桥"})
    return folder / name


def say(counted):
    """Say how trials went, past what pytest captures, where they are run for the figures in the docs."""
    if "LBC_FLIPS" in os.environ:
        sys.__stderr__.write(f"\n{counted}\n")


def everything(study):
    return replace(study.contents(), name=""), study.themes(), study.withdrawals


def flipped(data, place):
    return data[: place // 8] + bytes([data[place // 8] ^ 1 << place % 8]) + data[place // 8 + 1 :]


@pytest.mark.slow
def test_a_flipped_bit_is_noticed_or_changes_nothing_and_all_other_records_are_saved(tmp_path):
    path = worked_on(tmp_path)
    with Study.open(path) as study:
        before = everything(study)
    data = path.read_bytes()
    records = check_study(path).records
    chance = random.Random(7)
    silent, noticed, lost, unsaved = [], 0, 0, []
    for _ in range(FLIPS):
        place = chance.randrange(len(data) * 8)
        damaged = tmp_path / "damaged.lbc"
        damaged.write_bytes(flipped(data, place))
        try:
            with Study.open(damaged) as study:
                if everything(study) != before:
                    silent.append(place)
        except LbcError:
            noticed += 1
            saved = tmp_path / "saved.lbc"
            report = rescue_study(damaged, saved)
            with Study.open(saved) as study:
                lost += not report.doubtful and everything(study) != before
            if report.saved < records - 3:  # the record itself, and a decision with its line of the log
                unsaved.append((place, report))
            saved.unlink()
        damaged.unlink()
    said = f"{FLIPS} flipped bits: {noticed} noticed, {len(silent)} silent; saved whole all but {lost}"
    say(said)
    assert silent == []
    assert unsaved == []
    assert noticed


@pytest.mark.slow
def test_a_changed_word_is_named_and_the_rest_is_saved(tmp_path):
    path = worked_on(tmp_path)
    damaged = tmp_path / "damaged.lbc"
    damaged.write_bytes(path.read_bytes().replace("第17个".encode(), "第71号".encode()))
    with pytest.raises(DamagedStudyError, match=r"decision 18: changed.*study rescue"):
        Study.open(damaged)
    report = check_study(damaged)
    assert [(d.kind, d.key, d.fault) for d in report.damages] == [("decision", "18", "changed")]
    saved = rescue_study(damaged, tmp_path / "saved.lbc")
    assert [(d.kind, d.key) for d in saved.lost] == [("decision", "18")]
    said = json.loads(saved.lost_file.read_text("utf-8"))
    assert (said["as_read"]["memo"], said["entry"]["coder"]) == ("第71号", "李")
    assert saved.lost_file.stat().st_mode & 0o077 == 0
    with Study.open(saved.path) as study, Study.open(path) as whole:
        assert len(study.decisions(standing=False)) == len(whole.decisions(standing=False)) - 1
        assert study.history()[16:] != whole.history()[16:]
        assert study.history()[18:] == whole.history()[18:]


@pytest.mark.slow
def test_a_backup_fills_what_is_damaged(tmp_path):
    path = worked_on(tmp_path)
    with Study.open(path) as study:
        study.backup(tmp_path / "backup.lbc")
        study.record(decision(study, 1, "changed", "homework", coder="周"))
        before = everything(study)
    damaged = tmp_path / "damaged.lbc"
    damaged.write_bytes(path.read_bytes().replace("第17个".encode(), "第71号".encode()))
    report = rescue_study(damaged, tmp_path / "saved.lbc", backup=tmp_path / "backup.lbc")
    assert (report.from_backup, report.lost, report.lost_file) == (1, (), None)
    with Study.open(report.path) as study:
        contents, *others = everything(study)
        assert contents.entries == before[0].entries
        assert (contents.transcripts, contents.passages, others) == (
            before[0].transcripts, before[0].passages, list(before[1:])
        )  # fmt: skip


@pytest.mark.slow
def test_a_transcript_with_a_flipped_bit_is_kept_and_named(tmp_path):
    path = worked_on(tmp_path)
    damaged = tmp_path / "damaged.lbc"
    damaged.write_bytes(path.read_bytes().replace("拔草".encode(), "插秧".encode()))
    report = rescue_study(damaged, tmp_path / "saved.lbc")
    assert [(d.kind, d.key) for d in report.doubtful] == [("transcript", "1")]
    assert report.lost == ()
    with Study.open(report.path) as study, Study.open(path) as whole:
        assert len(study.passages) == len(whole.passages)
        assert study.history() == whole.history()


@pytest.mark.slow
@pytest.mark.parametrize("page", [1, 2, 5])
def test_whole_pages_that_are_gone_leave_the_others(tmp_path, page):
    path = worked_on(tmp_path)
    data = path.read_bytes()
    damaged = tmp_path / "damaged.lbc"
    damaged.write_bytes(data[: (page - 1) * 4096] + b"\x00" * 4096 + data[page * 4096 :])
    with pytest.raises(LbcError):
        Study.open(damaged)
    report = rescue_study(damaged, tmp_path / "saved.lbc")
    with Study.open(report.path) as study:
        assert len(study.decisions(standing=False)) == 41
        assert len(study.transcripts) == 2


@pytest.mark.slow
def test_records_are_found_on_the_pages_themselves(tmp_path):
    data = worked_on(tmp_path).read_bytes()
    memos = [values for _, values in scanned_records(data) if "想再听一遍录音" in values]
    assert [values[1:] for values in memos] == [["transcript", "K01", "想再听一遍录音", None, None]]


@pytest.mark.slow
def test_another_programs_changes_are_noticed(tmp_path):
    path = worked_on(tmp_path)
    for step, fault in [
        ("UPDATE participant SET attributes = '{}' WHERE id = 'K01'", "participant K01: changed"),
        ("DELETE FROM participant WHERE id NOT IN (SELECT participant_id FROM spoke)", None),
        ("INSERT INTO entry (kind, coder, time) VALUES ('memo', '李', '')", "entry 45: unsealed"),
        ("DROP TRIGGER entry_not_deleted", "schema"),
        ("DELETE FROM seal WHERE number > 300", None),
    ]:
        copy = Path(shutil.copy(path, tmp_path / "copy.lbc"))
        db = sqlite3.connect(copy)
        if step.startswith("DELETE FROM seal"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(step.replace("300", "3"))
        else:
            db.execute(step)
            db.commit()
        db.close()
        if fault:
            with pytest.raises(DamagedStudyError, match=fault):
                Study.open(copy)


@pytest.mark.slow
def test_a_log_that_was_sealed_anew_does_not_run_through_the_head_of_before(tmp_path):
    path = worked_on(tmp_path)
    with Study.open(path) as study:
        head = study.log_head
        study.record(decision(study, 1, "changed", "homework"))
        contents = study.contents()
    assert check_study(path, since=head).whole
    forged = tmp_path / "forged.lbc"
    Study.from_contents(forged, contents).close()
    assert check_study(forged).whole
    with pytest.raises(InputError, match="the chain does not run through"):
        check_study(forged, since=head)


@pytest.mark.slow
def test_salts_of_what_was_erased_are_gone_and_the_chain_still_holds(tmp_path):
    path = worked_on(tmp_path)
    with Study.open(path) as study:
        head = study.log_head
        study.withdraw("K01", by="周")
        rows = study._store.read("SELECT kind, key, salt FROM seal WHERE key IS NULL OR salt IS NULL")
        assert ("transcript", None, None) in rows
        assert all(key is None and salt is None for _, key, salt in rows)
    report = check_study(path, since=head)
    assert report.whole
    assert report.erased == len(rows)
    assert b"K01" not in path.read_bytes()


@pytest.mark.slow
def test_a_bad_line_does_not_hide_those_after_it(tmp_path):
    path = worked_on(tmp_path)
    with Study.open(path) as study:
        study.record(decision(study, 0, "accepted", "longing"))
        db = sqlite3.connect(path)
        db.execute("DROP TRIGGER decision_not_updated")
        db.execute("UPDATE decision SET codes = 'xx' WHERE entry_id = 5")
        db.commit()
        db.close()
    with Study.__new__(Study) as broken:
        from lbc_themes.study import store
        from lbc_themes.study.study import StudyReader

        broken.path = path
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(store, "_checked", lambda *_: None)
            broken._store = store.Store(path)
        broken._reader = StudyReader(broken._store)
        for _ in range(2):
            with pytest.raises(ValueError, match="Expecting value"):
                broken.decisions()


# --- The file at the path is another one, or none.


def moved(path, *_):
    path.rename(path.with_name("moved.lbc"))


def removed(path, *_):
    path.unlink()


def folder_moved(path, *_):
    path.parent.rename(path.parent.with_name(path.parent.name + "-away"))


def copied_over(path, backup, *_):
    shutil.copyfile(backup, path)


def renamed_over(path, backup, *_):
    shutil.copyfile(backup, path.with_name("part"))
    path.with_name("part").replace(path)


def another_study(path, _, other):
    shutil.copyfile(other, path)


def emptied(path, *_):
    path.write_bytes(b"")


HARMS = [moved, removed, folder_moved, copied_over, renamed_over, another_study, emptied]


@pytest.mark.slow
@pytest.mark.parametrize("trial", range(REPLACED))
def test_no_decision_is_acknowledged_that_is_not_in_the_file(tmp_path, trial, monkeypatch):
    from lbc_themes.study import store

    monkeypatch.setattr(store, "_MISSING_SECONDS", 0.1)
    folder = tmp_path / "study"
    folder.mkdir()
    other = worked_on(tmp_path, name="other.lbc")
    path = worked_on(folder, decisions=trial)
    harm = HARMS[trial % len(HARMS)]
    with Study.open(path) as study:
        backup = study.backup(tmp_path / "backup.lbc")
        told = [
            study.record(decision(study, n % 3, "accepted", "longing", memo=f"后{n}")) for n in range(1 + trial % 4)
        ]
        assert len(study.decisions(standing=False)) == trial + 1 + len(told)
        study.contents()
        harm(path, backup, other)
        with pytest.raises(StudyReplacedError, match="save_copy"):
            study.record(decision(study, 0, "changed", "school", memo="在此之后"))
        copy = study.save_copy(tmp_path / "held.lbc")
    with Study.open(copy) as held:
        memos = {each.memo for each in held.decisions(standing=False)}
    assert {f"后{n}" for n in range(1 + trial % 4)} <= memos
    assert "在此之后" not in memos


@pytest.mark.slow
def test_a_sync_client_that_puts_the_same_study_back_disturbs_nobody(tmp_path):
    path = worked_on(tmp_path)
    with Study.open(path) as study:
        for number in range(3):
            shutil.copyfile(path, tmp_path / "part")
            (tmp_path / "part").replace(path)
            study.record(decision(study, 0, "accepted", "longing", memo=f"同步{number}"))
    with Study.open(path) as again:
        assert {f"同步{n}" for n in range(3)} <= {each.memo for each in again.decisions(standing=False)}


@pytest.mark.slow
def test_a_file_replaced_while_a_step_is_stored_is_noticed(tmp_path):
    path = worked_on(tmp_path)
    with Study.open(path) as study:
        backup = study.backup(tmp_path / "backup.lbc")
        with pytest.raises(StudyReplacedError, match="not in the file"), study._store.write() as db:
            db.execute("INSERT INTO themes (time, record) VALUES ('', '{}')")
            renamed_over(path, backup, None)


COPIED = """
import shutil, sys
from pathlib import Path
for number in range(int(sys.argv[3])):
    shutil.copyfile(sys.argv[1], f"{sys.argv[2]}/{number}.lbc")
    print(number, flush=True)
"""


@pytest.mark.slow
def test_a_plain_copy_made_while_decisions_come_in_has_all_that_were_stored_or_is_refused(tmp_path):
    path = worked_on(tmp_path)
    (tmp_path / "copies").mkdir()
    command = [sys.executable, "-c", COPIED, str(path), str(tmp_path / "copies"), "60"]
    stored_before = []
    with Study.open(path) as study, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as copier:
        count = len(study.decisions(standing=False))
        while copier.poll() is None:
            stored_before.append(count)
            study.record(decision(study, 0, "accepted", "longing"))
            count += 1
    refused, fewest = 0, len(study_decisions(tmp_path / "copies" / "0.lbc") or range(count))
    last = fewest
    for number in range(60):
        found = study_decisions(tmp_path / "copies" / f"{number}.lbc")
        refused += found is None
        if found is not None:
            assert len(found) >= last
            last = len(found)
    say(f"60 plain copies while decisions were stored: {refused} refused, none with a gap")
    assert last >= 41


def study_decisions(path):
    try:
        with Study.open(path) as study:
            return study.decisions(standing=False)
    except LbcError:
        return None


# --- Putting a backup back.

KILLED = """
import os, sys
from pathlib import Path
from lbc_themes.study import Study
study = Study.open(sys.argv[1])
db = study._store._db
db.execute("PRAGMA cache_size = 1")
db.execute("PRAGMA cache_spill = 1")
db.execute("BEGIN IMMEDIATE")
for number in range(400):
    db.execute("INSERT INTO themes (time, record) VALUES ('', ?)", ("x" * 2000,))
os.kill(os.getpid(), 9)
"""


@pytest.mark.slow
@pytest.mark.parametrize("trial", range(RESTORES))
def test_a_restored_backup_is_the_backup_whatever_lay_beside_the_study(tmp_path, trial):
    """Every way of putting a backup back: the command, and a plain copy over the study that is refused where mixed."""
    path = worked_on(tmp_path, decisions=5)
    with Study.open(path) as study:
        backup = study.backup(tmp_path / "backup.lbc")
        before = everything(study)
        for number in range(1 + trial % 5):
            study.record(decision(study, number % 3, "changed", "school", coder="周"))
    left = trial % 4
    if left == 1:
        subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
        assert (tmp_path / "s.lbc-journal").stat().st_size
    elif left == 2:
        old = Path(shutil.copy(Path(__file__).parents[1] / "data" / "study-v2.lbc", tmp_path / "old.lbc"))
        db = sqlite3.connect(old)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("INSERT INTO participant VALUES ('X', '{}')")
        db.commit()
        shutil.copyfile(f"{old}-wal", f"{path}-wal")
        db.close()
    elif left == 3:
        path.write_bytes(path.read_bytes()[:5000])
    if trial % 2 == 0:
        kept = restore_study(backup, path)
        assert kept.is_file()
        assert check_study(backup).whole
    else:
        shutil.copyfile(backup, path)
    try:
        with Study.open(path) as study:
            assert everything(study) == before
    except InputError as refusal:
        assert "belongs to another file" in str(refusal)
        assert trial % 2 == 1
        restore_study(backup, path)
        with Study.open(path) as study:
            assert everything(study) == before
    assert sorted(p.name for p in tmp_path.glob("s.lbc*")) == ["s.lbc"]


@pytest.mark.slow
def test_a_study_cut_short_in_the_middle_of_a_step_opens_as_it_was_before(tmp_path):
    path = worked_on(tmp_path)
    with Study.open(path) as study:
        before = everything(study)
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert (tmp_path / "s.lbc-journal").stat().st_size
    with Study.open(path) as study:
        assert everything(study) == before


@pytest.mark.slow
def test_a_copy_without_the_journal_of_a_step_cut_short_is_refused(tmp_path):
    path = worked_on(tmp_path)
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    copy = Path(shutil.copyfile(path, tmp_path / "copy.lbc"))
    with pytest.raises(DamagedStudyError):
        Study.open(copy)


def test_a_write_ahead_log_of_another_file_beside_an_older_study_is_refused(tmp_path):
    path = Path(shutil.copy(Path(__file__).parents[1] / "data" / "study-v2.lbc", tmp_path / "s.lbc"))
    newer = Path(shutil.copy(path, tmp_path / "newer.lbc"))
    db = sqlite3.connect(newer, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    for number in range(3):
        db.execute("INSERT INTO entry (kind, coder, time) VALUES ('memo', '李', ?)", (str(number),))
        db.execute("INSERT INTO memo SELECT max(id), 'study', '', 'x' FROM entry")
    log = Path(f"{newer}-wal").read_bytes()
    db.close()
    older = sqlite3.connect(path, isolation_level=None)
    older.execute("PRAGMA journal_mode = WAL")
    older.execute("INSERT INTO entry (kind, coder, time) VALUES ('memo', '王', 'mine')")
    older.execute("INSERT INTO memo SELECT max(id), 'study', '', 'mine' FROM entry")
    older.close()
    Path(f"{path}-wal").write_bytes(log)
    with pytest.raises(LbcError):
        Study.open(path)


def test_the_write_ahead_log_of_an_older_study_itself_is_read(tmp_path):
    held = Path(shutil.copy(Path(__file__).parents[1] / "data" / "study-v2.lbc", tmp_path / "held.lbc"))
    db = sqlite3.connect(held, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("INSERT INTO entry (kind, coder, time) VALUES ('memo', '李', 'mine')")
    db.execute("INSERT INTO memo SELECT max(id), 'study', '', '还在日志里' FROM entry")
    path = tmp_path / "s.lbc"
    for ending in ("", "-wal"):
        shutil.copy(f"{held}{ending}", f"{path}{ending}")
    db.close()
    assert "还在日志里".encode() not in path.read_bytes()
    with Study.open(path) as study:
        assert "还在日志里" in [memo.text for memo in study.memos()]


@pytest.mark.slow
def test_a_backup_is_not_restored_while_somebody_writes_nor_over_itself(tmp_path):
    path = worked_on(tmp_path)
    with Study.open(path) as study:
        backup = study.backup(tmp_path / "backup.lbc")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    with pytest.raises(InputError, match="close the review page"):
        restore_study(backup, path)
    db.execute("ROLLBACK")
    db.close()
    with pytest.raises(InputError, match="same file"):
        restore_study(path, path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["backup.lbc", "s.lbc"]


def test_seals_do_not_depend_on_columns_that_come_later():
    row = {"number": 1, "time": "t", "record": "{}"}
    assert store.digest_of("themes", "1", row, b"s") == store.digest_of("themes", "1", {**row, "new": None}, b"s")
