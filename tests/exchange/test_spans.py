"""Spans for annotation tools and NLP come back exact, with their coders; Label Studio's server is spoken to safely."""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_samples import decision, made, reference, suggested_study

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Role, Transcript, Turn
from lbc_themes.exchange import (
    label_studio_config,
    label_studio_server,
    label_studio_tasks,
    pull_label_studio,
    push_label_studio,
    read_cas,
    read_label_studio,
    read_spans_jsonl,
    read_webanno_tsv,
    to_docbin,
    write_cas,
    write_spans_jsonl,
    write_webanno_tsv,
)
from lbc_themes.exchange.spans import _CELL_PARTS, _TSV_SPAN, _escaped, _unescaped
from lbc_themes.study import Memo, Study
from lbc_themes.study.import_export import Export, Import, export, import_into


@pytest.fixture
def study(tmp_path):
    with suggested_study(tmp_path) as new:
        new.record(decision(new, 0, "accepted", "longing", memo="要紧 \\ _ [x]|y"))
        new.record(decision(new, 0, "changed", "school", "homework", coder="王"))
        new.record_coding(Coding(transcript_id="K01", start=24, end=31, code_id="help.positive", coder="李", time="t"))
        yield new


def key(codings):
    return sorted((c.transcript_id, c.start, c.end, c.code_id, c.coder) for c in codings)


def by_people(study):
    return [c for c in study.codings(machine_top=0) if c.coder != "machine"]


@pytest.mark.slow
@pytest.mark.parametrize("style", ["doccano", "prodigy"])
def test_jsonl_comes_back_exact_with_every_coder(study, tmp_path, style):
    write_spans_jsonl(study.contents(), tmp_path / "s.jsonl", style=style, coders=["李", "王"])
    back = read_spans_jsonl(tmp_path / "s.jsonl", study.contents())
    assert key(back) == key(by_people(study))
    assert {c.memo for c in back} == {c.memo for c in by_people(study)}
    assert import_into(study, Import(file=tmp_path / "s.jsonl", coder="", language="zh")).codings == 0


def test_doccano_labels_by_name_need_a_coder_and_a_known_text(study, tmp_path):
    text = study.transcripts[0].text
    (tmp_path / "d.jsonl").write_text(
        json.dumps({"id": 3, "text": text, "label": [[24, 31, "想念"]]}), encoding="utf-8"
    )
    with pytest.raises(InputError, match="not said who coded"):
        read_spans_jsonl(tmp_path / "d.jsonl", study.contents())
    assert key(read_spans_jsonl(tmp_path / "d.jsonl", study.contents(), coder="赵")) == [
        ("K01", 24, 31, "longing", "赵")
    ]
    for row, said in (({"text": "别的", "label": []}, "no interview"),
                      ({"text": text, "label": [[0, 999, "x"]]}, "no slice"),
                      ({"text": text, "label": [[0, 1, "没有"]]}, "no code '没有'")):  # fmt: skip
        (tmp_path / "d.jsonl").write_text(json.dumps(row), encoding="utf-8")
        with pytest.raises(InputError, match=said):
            read_spans_jsonl(tmp_path / "d.jsonl", study.contents(), coder="赵")


def test_uima_cas_comes_back_exact_beyond_the_bmp(study, tmp_path):
    pytest.importorskip("cassis")
    paths = write_cas(study.contents(), tmp_path / "cas", coders=["李", "王"])
    back = [c for path in paths for c in read_cas(path, study.contents())]
    assert key(back) == key(by_people(study))


def whole(codings):
    return sorted((*key([c])[0], c.memo, c.time, c.adjudication) for c in codings)


def test_webanno_tsv_comes_back_exact(study, tmp_path):
    study.record(decision(study, 2, "accepted", "school", coder="李", adjudication=True, memo="* _\\t->\n-a|b;[c]\\"))
    # Blanks are no tokens.
    study.record_coding(Coding(transcript_id="K01", start=11, end=16, code_id="school", coder="王", time="t"))
    paths = write_webanno_tsv(study.contents(), tmp_path / "tsv", coders=["李", "王", "adjudication:李"])
    back = [c for path in paths for c in read_webanno_tsv(path, study.contents())]
    assert whole(back) == whole(by_people(study))


@given(st.text(st.sampled_from("a\\-_*;[]|>\t\n好😀 "), max_size=12))
def test_every_sign_of_webannos_own_is_escaped(text):
    cell = _escaped(text)
    hit = _TSV_SPAN.fullmatch(cell)
    assert hit is not None
    assert ("" if hit[1] == "*" else _unescaped(hit[1])) == text
    assert _CELL_PARTS.findall(f"{cell}|{cell}") == [cell, cell]


INCEPTION = """#FORMAT=WebAnno TSV 3.3
#T_SP=webanno.custom.Theme|value|note


#Text=有时候想我妈，😀想
1-1\t{a}-{b}\t有时候\t想念[1]|学校[2]\t*[1]|*[2]\t
1-2\t{b}-{c}\t想我妈\t想念[1]\t*[1]\t
1-3\t{c}-{d}\t，\t学校\t*\t
"""


def test_webanno_tsv_of_inception_is_read_by_the_first_feature_and_needs_a_coder(study, tmp_path):
    text = study.transcripts[0].text
    at = text.index("有时候")
    unit = at + sum(letter > "\uffff" for letter in text[:at])
    (tmp_path / "i.tsv").write_text(INCEPTION.format(a=unit, b=unit + 3, c=unit + 6, d=unit + 7), encoding="utf-8")
    assert key(read_webanno_tsv(tmp_path / "i.tsv", study.contents(), coder="赵")) == [
        ("K01", at, at + 3, "school", "赵"), ("K01", at, at + 6, "longing", "赵"),
        ("K01", at + 6, at + 7, "school", "赵"),
    ]  # fmt: skip
    with pytest.raises(InputError, match="not said who coded"):
        read_webanno_tsv(tmp_path / "i.tsv", study.contents())
    (tmp_path / "i.tsv").write_text(INCEPTION.format(a="x", b="y", c="z", d="0"), encoding="utf-8")
    with pytest.raises(InputError, match="no interview"):
        read_webanno_tsv(tmp_path / "i.tsv", study.contents(), coder="赵")


def test_a_memo_on_a_coding_that_stands_comes_back_as_a_memo_on_its_passage(study, tmp_path):
    write_spans_jsonl(study.contents(), tmp_path / "s.jsonl", style="doccano", coders=["李"])
    text = (tmp_path / "s.jsonl").read_text(encoding="utf-8").replace("要紧", "很要紧")
    (tmp_path / "s.jsonl").write_text(text, encoding="utf-8")
    for count in (1, 0):
        found = import_into(study, Import(file=tmp_path / "s.jsonl", coder="", language="zh"))
        assert (found.codings, found.memos, len(found.losses)) == (0, count, count)
    (memo,) = study.memos()
    assert (memo.text[:3], memo.coder, memo.about, memo.about_id) == ("很要紧", "李", "passage", "K01:0001")


def test_what_label_studio_and_prodigy_hold_besides_codings_is_counted(study, tmp_path):
    (task, other) = as_the_server_returns(label_studio_tasks(study.contents()))
    task["annotations"][0]["result"].append({"type": "choices", "value": {"choices": ["a"]}, "id": "z"})
    task["annotations"].append({"result": [], "was_cancelled": True})
    task |= {
        "drafts": [{}],
        "predictions": [{"model_version": "other"}, {"model_version": "machine"}],
        "comment_count": 2,
    }
    (tmp_path / "l.json").write_text(json.dumps([task, other]), encoding="utf-8")
    found = import_into(study, Import(file=tmp_path / "l.json", coder="", language="zh"))
    assert {loss.topic: loss.count for loss in found.losses} == {
        "skipped": 1, "drafts": 1, "others": 1, "predictions": 1, "comments": 2,
    }  # fmt: skip
    text = study.transcripts[0].text
    rows = [{"text": text, "spans": [], "answer": "ignore"}, {"text": text, "spans": [], "relations": [{}, {}]}]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = import_into(study, Import(file=tmp_path / "p.jsonl", coder="李", language="zh"))
    assert {loss.topic: loss.count for loss in found.losses} == {"skipped": 1, "others": 2}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cas", "webanno", "doccano", "prodigy"])
def test_what_is_exported_is_taken_back_whole_and_once(study, tmp_path, kind):
    if kind == "cas":
        pytest.importorskip("cassis")
    out = tmp_path / ("s.jsonl" if kind in {"doccano", "prodigy"} else "folder")
    study.record(decision(study, 2, "accepted", "school", coder="李", adjudication=True))
    wanted = Export(kind=kind, out=out, coders=(), language="zh", blind=False, force=False)
    losses = {loss.topic: loss.count for loss in export(study.contents(), wanted)}
    assert losses == {"decisions": 3, "turns": 6, "participants": 2, "definitions": 6}
    assert import_into(study, Import(file=out, coder="", language="zh")).codings == 0
    with made(tmp_path, "again.lbc") as again:
        import_into(again, Import(file=out, coder="", language="zh"))
        assert whole(again.codings(machine_top=0)) == whole(by_people(study))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["webanno", "doccano", "prodigy", "label-studio", "cas"])
def test_a_code_that_was_adjudicated_where_the_coder_had_given_it_too_comes_back_twice(study, tmp_path, kind):
    if kind == "cas":
        pytest.importorskip("cassis")
    study.record(decision(study, 0, "accepted", "longing", coder="李", adjudication=True))
    out = tmp_path / {"doccano": "s.jsonl", "prodigy": "s.jsonl", "label-studio": "s.json"}.get(kind, "folder")
    export(study.contents(), Export(kind=kind, out=out, coders=(), language="zh", blind=False, force=False))
    with made(tmp_path, "again.lbc") as again:
        import_into(again, Import(file=out, coder="", language="zh"))
        back = again.codings(machine_top=0)
    assert sorted((*key([c])[0], c.adjudication) for c in back) == sorted(
        (*key([c])[0], c.adjudication) for c in by_people(study)
    )
    assert sorted(c.adjudication for c in back if (c.coder, c.code_id) == ("李", "longing")) == [False, True]


def test_the_docbin_holds_every_coder_and_all_suggestions(study):
    import spacy

    docs = list(to_docbin(study.contents()).get_docs(spacy.blank("zh").vocab))
    assert {"李", "王", "machine", "suggestions"} <= set(docs[0].spans)
    assert len(docs[0].spans["suggestions"]) == 3
    assert len(docs[0].spans["machine"]) == 2


def as_the_server_returns(tasks, user=1):
    """What a Label Studio server gives back: it drops the meta of annotations and keeps that of results."""
    for task in tasks:
        task["predictions"] = [7]
        for annotation in task["annotations"]:
            del annotation["meta"]
            annotation |= {"completed_by": user, "was_cancelled": False, "created_at": "2025-03-01T08:00:00Z"}
    return tasks


@pytest.mark.slow
@pytest.mark.parametrize("user", [1, {"id": 1, "email": "a@example.org"}, None, "1"])
def test_coders_come_back_from_label_studio_as_they_went(study, tmp_path, user):
    tasks = as_the_server_returns(label_studio_tasks(study.contents()), user)
    (tmp_path / "l.json").write_text(json.dumps(tasks), encoding="utf-8")
    assert key(read_label_studio(tmp_path / "l.json", study.contents())) == key(by_people(study))


def test_coders_are_known_by_the_ids_of_results_where_every_meta_is_gone(study, tmp_path):
    tasks = as_the_server_returns(label_studio_tasks(study.contents()))
    for result in (r for task in tasks for each in task["annotations"] for r in each["result"]):
        del result["meta"]
    (tmp_path / "l.json").write_text(json.dumps(tasks), encoding="utf-8")
    assert key(read_label_studio(tmp_path / "l.json", study.contents())) == key(by_people(study))


BACK = Path(__file__).parents[1] / "data" / "exchange" / "label_studio_back.json"


@pytest.mark.slow
def test_a_real_servers_export_keeps_the_coders_that_the_study_knows_and_asks_for_the_other(tmp_path):
    # Label Studio 1.23 gave it back: the meta of annotations is gone, and one user stands for three coders.
    tasks = json.loads(BACK.read_text(encoding="utf-8"))
    texts = {task["data"]["transcript"]: task["data"]["text"] for task in tasks}
    turn = {name: Turn(speaker="", role=Role.CHILD, start=0, end=len(text)) for name, text in texts.items()}
    whole = [Transcript(id=name, text=text, turns=(turn[name],)) for name, text in texts.items()]
    with Study.create(tmp_path / "d.lbc", whole, reference()) as study:
        for coder in ("李 Li", "王 Wang"):
            study.record_memo(Memo(text="开始", coder=coder))
        with pytest.raises(InputError, match="says only 1; name them with --coder"):
            read_label_studio(BACK, study.contents())
        back = read_label_studio(BACK, study.contents(), coder="1=赵")
    assert Counter(coding.coder for coding in back) == {"赵": 343, "李 Li": 48, "王 Wang": 6}
    said = {r["value"]["text"] for task in tasks for a in task["annotations"] for r in a["result"]}
    assert {texts[c.transcript_id][c.start : c.end] for c in back} == said
    assert {coding.memo for coding in back if coding.coder == "李 Li"} == {"同意：<很清楚> & ok 😀"}


def without_coders(study, user):
    tasks = as_the_server_returns(label_studio_tasks(study.contents(), coders=["李"]), user)
    for task in tasks:
        for annotation in task["annotations"]:
            for number, result in enumerate(annotation["result"]):
                result["meta"], result["id"] = {}, f"new{number}"
    return tasks


def test_no_coder_is_invented(study, tmp_path):
    (tmp_path / "l.json").write_text(json.dumps(without_coders(study, 4)), encoding="utf-8")
    with pytest.raises(InputError, match="says only 4; name them with --coder"):
        read_label_studio(tmp_path / "l.json", study.contents())
    for coder in ("赵", "4=赵,5=钱"):
        assert {c.coder for c in read_label_studio(tmp_path / "l.json", study.contents(), coder=coder)} == {"赵"}
    user = {"id": 4, "first_name": "小", "last_name": "孙", "email": "s@example.org"}
    (tmp_path / "l.json").write_text(json.dumps(without_coders(study, user)), encoding="utf-8")
    assert {c.coder for c in read_label_studio(tmp_path / "l.json", study.contents())} == {"小 孙"}


def test_results_in_utf_16_units_are_placed_by_their_words_and_moved_ones_refused(study, tmp_path):
    tasks = as_the_server_returns(label_studio_tasks(study.contents()))
    for result in (r for task in tasks for a in task["annotations"] for r in a["result"]):
        text = study.transcript("K01").text
        for edge in ("start", "end"):
            result["value"][edge] = len(text[: result["value"][edge]].encode("utf-16-le")) // 2
    (tmp_path / "l.json").write_text(json.dumps(tasks), encoding="utf-8")
    assert key(read_label_studio(tmp_path / "l.json", study.contents())) == key(by_people(study))
    tasks[0]["annotations"][0]["result"][0]["value"]["text"] = "从来没有说过"
    (tmp_path / "l.json").write_text(json.dumps(tasks), encoding="utf-8")
    with pytest.raises(InputError, match="are not where the result says"):
        read_label_studio(tmp_path / "l.json", study.contents())


def test_labels_show_names_in_a_language_and_stand_for_ids(study):
    config = label_studio_config(study.contents(), language="zh")
    assert '<Label value="想念" alias="longing" background="#AA3300"' in config


class LabelStudio(BaseHTTPRequestHandler):
    """A fake server that keeps what it is sent, as the real one does."""

    tasks: list = []  # noqa: RUF012 (one server a test)
    seen: list = []  # noqa: RUF012

    def answer(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.path, self.headers["Authorization"]))
        if self.path.endswith("/import"):
            self.tasks.extend(as_the_server_returns(body))
        self.answer({"access": "a"} if "refresh" in self.path else {"id": 9})

    def do_GET(self):
        self.answer([] if self.path == "/api/users" else self.tasks)

    def log_message(self, *_):
        pass


@pytest.mark.slow
@pytest.mark.enable_socket
@pytest.mark.parametrize(("token", "sent"), [("abc", "Token abc"), ("a.b.c", "Bearer a")])
def test_a_study_goes_to_a_server_and_comes_back(study, token, sent):
    LabelStudio.tasks, LabelStudio.seen = [], []
    running = HTTPServer(("127.0.0.1", 0), LabelStudio)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        server = label_studio_server(f"http://127.0.0.1:{running.server_port}")
        assert push_label_studio(study.contents(), server, token) == 9
        assert key(pull_label_studio(study.contents(), server, token, 9)) == key(by_people(study))
    finally:
        running.shutdown()
        running.server_close()
    assert ("/api/projects/9/import", sent) in LabelStudio.seen


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("address", "message"),
    [("ftp://127.0.0.1", "give it as"), ("http://user@127.0.0.1", "give it as"), ("http://127.0.0.1/x", "give it as"),
     ("http://192.0.2.7", "no interview leaves it; to send them give --allow-remote"), ("", "give it as")],
)  # fmt: skip
def test_other_machines_need_leave(address, message):
    with pytest.raises(InputError, match=message):
        label_studio_server(address)
    if "192" in address:
        with pytest.raises(InputError, match="by https only"):
            label_studio_server(address, allow_remote=True)
        assert not label_studio_server("https://192.0.2.7", allow_remote=True).loopback
