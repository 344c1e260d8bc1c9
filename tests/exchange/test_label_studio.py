"""Label Studio: what its tasks hold to the letter, whose a result is, and what a server is sent and may answer."""

import http.client
import json
import socket

import pytest
from study_samples import CHILD, TEACHER, both, code, decision, transcripts

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook
from lbc_themes.exchange import (
    label_studio,
    label_studio_config,
    label_studio_server,
    label_studio_tasks,
    pull_label_studio,
    push_label_studio,
    read_label_studio,
    write_label_studio,
)
from lbc_themes.exchange.label_studio import Server, codings_of_tasks, left_in_tasks
from lbc_themes.study import Study

AT = CHILD.index("跟外婆")


@pytest.fixture
def contents(study):
    study.record(decision(study, 0, "accepted", "longing", memo="要紧"))
    study.record(decision(study, 0, "changed", "school", coder="王"))
    return study.contents()


def task_of(*results, **annotation):
    """A task on the first interview, as a server exports it, with one annotation."""
    return {
        "id": 3, "data": {"text": CHILD, "transcript": "K01"},
        "annotations": [{"result": list(results), "completed_by": 1} | annotation],
    }  # fmt: skip


def result_of(*labels, start=AT, end=AT + 3, coder="赵", **more):
    value = {"start": start, "end": end, "text": CHILD[start:end], "labels": list(labels)}
    return {"id": "x", "type": "labels", "value": value, "meta": {"coder": coder}} | more


def whole(codings):
    return [(c.transcript_id, c.start, c.end, c.code_id, c.coder, c.memo, c.time) for c in codings]


# --- Files.


def test_a_task_holds_the_text_each_coder_apart_and_the_machines_suggestions(study, contents):
    first, second = label_studio_tasks(contents)
    said = study.passages[0]

    def labelled(code_id, coder, **memo):
        return {
            "type": "labels", "from_name": "code", "to_name": "text", "meta": {"coder": coder} | memo,
            "value": {"start": said.start, "end": said.end, "text": said.text, "labels": [code_id]},
        }  # fmt: skip

    ids = [r.pop("id") for task in (first, second) for a in task["annotations"] for r in a["result"]]
    shown = [r for p in first["predictions"] for r in p["result"]]
    assert {len(each) for each in ids} == {10}
    assert len({*ids, *(r.pop("id") for r in shown)}) == len(ids) + len(shown)
    assert first["id"] == 1
    assert first["data"] == {"text": CHILD, "transcript": "K01"}
    assert first["annotations"] == [
        {"result": [labelled("longing", "李", text=["要紧"])], "meta": {"coder": "李"}},
        {"result": [labelled("school", "王")], "meta": {"coder": "王"}},
    ]
    assert [p["model_version"] for p in first["predictions"]] == ["machine"]
    assert labelled("longing", "machine", text=["提到想念\nspeaks of longing"]) in shown
    assert labelled("school", "machine") in shown
    assert second == {"id": 2, "data": {"text": TEACHER, "transcript": "L01"}, "annotations": [], "predictions": []}


def test_only_the_chosen_coders_go_out(contents):
    (task, _) = label_studio_tasks(contents, coders=["王"])
    assert [each["meta"]["coder"] for each in task["annotations"]] == ["王"]
    assert task["predictions"] == []


@pytest.mark.parametrize("meta_kept", [True, False])
def test_what_was_adjudicated_goes_out_under_a_name_of_its_own_and_comes_back_as_it_was(study, meta_kept):
    """Else what two people agreed on together would come back as what one of them had coded alone."""
    study.record(decision(study, 0, "accepted", "longing"))
    study.record(decision(study, 1, "changed", "homework", adjudication=True))
    contents = study.contents()
    tasks = label_studio_tasks(contents)
    assert [each["meta"]["coder"] for each in tasks[0]["annotations"]] == ["李", "adjudication:李"]
    chosen = label_studio_tasks(contents, coders=["李"])[0]["annotations"]
    assert [r["value"]["labels"] for each in chosen for r in each["result"]] == [["longing"]]
    for part in (part for task in tasks for a in task["annotations"] for part in (a, *a["result"])):
        part["meta"] = part["meta"] if meta_kept else {}
    back = codings_of_tasks(tasks, contents)
    assert [(c.code_id, c.coder, c.adjudication) for c in back] == [("longing", "李", False), ("homework", "李", True)]


def test_the_configuration_names_each_code_with_its_colour_and_both_names(tmp_path):
    codes = (code("a", "想<妈>", 'the "a"', colour="#AA3300"), code("b", "同", "one"), code("c", "同", "two"))
    codebook = Codebook(id="f", version="1", name=both("田", "f"), codes=codes)
    with Study.create(tmp_path / "f.lbc", transcripts(), codebook) as study:
        contents = study.contents()
    colours = [each.colour for each in contents.codebook]
    assert label_studio_config(contents) == (
        '<View>\n  <Labels name="code" toName="text">\n'
        '    <Label value="a" background="#AA3300" hint=\'想&lt;妈&gt; the "a"\'/>\n'
        f'    <Label value="b" background="{colours[1]}" hint="同 one"/>\n'
        f'    <Label value="c" background="{colours[2]}" hint="同 two"/>\n'
        '  </Labels>\n  <Text name="text" value="$text" granularity="symbol"/>\n</View>\n'
    )
    named = label_studio_config(contents, language="zh")
    assert '<Label value="想&lt;妈&gt;" alias="a"' in named
    assert '<Label value="同（b）" alias="b"' in named
    task = {"data": {"text": CHILD, "transcript": "K01"}, "annotations": [{"result": [result_of("同（c）")]}]}
    assert [c.code_id for c in codings_of_tasks([task], contents)] == ["c"]
    task["annotations"][0]["result"] = [result_of("同")]
    with pytest.raises(InputError, match="transcript K01: the label '同' is no code; labels are code ids"):
        codings_of_tasks([task], contents)


def test_the_configuration_stands_beside_the_tasks_and_both_are_readable(contents, tmp_path):
    write_label_studio(contents, tmp_path / "l.json", coders=["王"], language="en")
    text = (tmp_path / "l.json").read_text(encoding="utf-8")
    assert json.loads(text) == label_studio_tasks(contents, coders=["王"])
    assert "跟外婆" in text
    assert text.startswith("[\n {\n")
    assert (tmp_path / "l.xml").read_text(encoding="utf-8") == label_studio_config(contents, language="en")
    with pytest.raises(InputError, match=r"none/l\.json: cannot be written \(No such file or directory\)"):
        write_label_studio(contents, tmp_path / "none" / "l.json")


def test_a_file_that_is_no_export_is_refused_with_its_name(contents, tmp_path):
    (tmp_path / "l.json").write_text("<html>", encoding="utf-8")
    with pytest.raises(InputError, match=r"l\.json: not a Label Studio export \(JSONDecodeError"):
        read_label_studio(tmp_path / "l.json", contents)
    (tmp_path / "l.json").write_text(json.dumps([{"id": 1}]), encoding="utf-8-sig")
    with pytest.raises(InputError, match=r"l\.json: not a Label Studio export \(KeyError\('data'\)\)"):
        read_label_studio(tmp_path / "l.json", contents)


# --- What a result says.


def test_a_coding_has_its_words_its_memo_and_the_time_of_its_annotation(contents):
    meta = {"coder": ["赵"], "text": ["一", "二"]}
    task = task_of(result_of("longing", "school", meta=meta), created_at="2025-03-01")
    assert whole(codings_of_tasks([task], contents)) == [
        ("K01", AT, AT + 3, "longing", "赵", "一\n二", "2025-03-01"),
        ("K01", AT, AT + 3, "school", "赵", "一\n二", "2025-03-01"),
    ]
    (bare,) = codings_of_tasks([task_of(result_of("想念"))], contents)
    assert (bare.code_id, bare.memo, bare.time) == ("longing", "", "")


def test_of_two_like_results_the_first_is_taken(contents):
    memos = [result_of(code_id, meta={"coder": "赵", "text": [memo]})
             for code_id, memo in (("school", "甲"), ("longing", "乙"), ("school", "丙"))]  # fmt: skip
    assert {(c.code_id, c.memo) for c in codings_of_tasks([task_of(*memos)], contents)} == {
        ("school", "甲"), ("longing", "乙"),
    }  # fmt: skip


def test_skipped_annotations_other_results_and_the_machines_are_left_out(contents):
    tasks = [
        task_of(result_of("school"), was_cancelled=True), {**task_of(), "annotations": None},
        task_of({"type": "choices", "value": {"choices": ["longing"]}}, result_of("longing")),
        task_of(result_of("homework", coder="machine")),
    ]  # fmt: skip
    assert [c.code_id for c in codings_of_tasks(tasks, contents)] == ["longing"]
    assert {loss.topic: loss.count for loss in left_in_tasks(tasks)} == {"skipped": 1, "others": 1}
    assert left_in_tasks([task_of(result_of("longing"))]) == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "said"),
    [({"data": {"text": CHILD, "transcript": "Z"}}, "task 3 is not about a transcript of the study as it is there"),
     ({"data": {"text": CHILD + "。", "transcript": "K01"}}, "n: task 3 is not about"),
     ({"data": {"text": CHILD}}, "task 3 is not about"), ({"data": None}, r"n: not a Label Studio export \(Attrib"),
     ({"annotations": [{}]}, r"not a Label Studio export \(KeyError\('result'\)"),
     ({"annotations": [{"result": [result_of("longing", value={"start": AT, "end": AT + 3, "text": "没说过"})]}]},
      "n: task 3: the words '没说过' are not where the result says")],
)  # fmt: skip
def test_tasks_that_do_not_fit_are_refused_with_their_number(contents, task, said):
    with pytest.raises(InputError, match=said):
        codings_of_tasks([task_of() | task], contents, name="n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("user", "coder", "who"),
    [({"id": 4, "first_name": "小", "last_name": "孙", "email": "s@x"}, "", "小 孙"),
     ({"id": 4, "first_name": "小", "last_name": None}, "", "小"),
     ({"id": 4, "email": "s@x", "username": "s"}, "", "s@x"),
     ({"id": 4, "username": "sun"}, "钱", "sun"), ({"id": 4, "username": "sun"}, " 4 = 钱 ,5=李", "钱"),
     ({"id": 4}, "钱", "钱"), (" 孙 ", "钱", "孙"), (" ", "钱", "钱"),
     ("4", "4=钱=小", "钱=小"), (4, "5=李,4=钱", "钱"),
     (None, "钱", "钱")],
)  # fmt: skip
def test_who_coded_is_the_user_by_number_name_or_address(contents, user, coder, who):
    task = task_of(result_of("longing", meta={}), completed_by=user)
    assert {c.coder for c in codings_of_tasks([task], contents, coder=coder)} == {who}


@pytest.mark.slow
@pytest.mark.parametrize(("user", "coder"), [(4, ""), (4, "5=李"), (None, ""), ({"id": 4}, "5=李"), ("4", "")])
def test_a_number_that_is_given_no_name_names_nobody(contents, user, coder):
    task = task_of(result_of("longing", meta=None), completed_by=user)
    with pytest.raises(InputError, match="n: task 3: of who annotated, the file says only"):
        codings_of_tasks([task], contents, coder=coder, name="n")


def test_the_meta_of_a_result_goes_before_that_of_the_annotation_and_before_the_user(contents):
    user = {"id": 1, "username": "u"}
    for meta, outer, who in (({"coder": "甲"}, "乙", "甲"), ({}, "乙", "乙"), ({"coder": []}, "", "u")):
        task = task_of(result_of("longing", meta=meta), meta={"coder": outer}, completed_by=user)
        assert [c.coder for c in codings_of_tasks([task], contents)] == [who]


# --- A server.


class Answer:
    """What a server answers once."""

    def __init__(self, status, body):
        self.status, self._body = status, body

    def read(self, most):
        return self._body[:most]


class Connection:
    """A connection that keeps what it is asked and gives the answers it was given, in order."""

    answers, made, asked, closed = [], [], [], 0

    def __init__(self, host, port, timeout):
        self.made.append((host, port, timeout))

    def request(self, method, path, body, headers):
        self.asked.append((method, path, None if body is None else json.loads(body), headers, body))

    def getresponse(self):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Answer) else Answer(200, json.dumps(answer).encode())

    def close(self):
        type(self).closed += 1


@pytest.fixture
def line(monkeypatch):
    Connection.answers, Connection.made, Connection.asked, Connection.closed = [], [], [], 0
    monkeypatch.setattr(http.client, "HTTPConnection", Connection)
    monkeypatch.setattr(http.client, "HTTPSConnection", type("Secure", (Connection,), {}))
    return Connection


HERE = Server(scheme="http", host="localhost", port=8080, numbers="127.0.0.1", loopback=True)


def test_a_study_is_sent_as_a_project_and_its_tasks_one_by_one(line, contents):
    line.answers = [{"id": "12"}, {}, {}]
    assert push_label_studio(contents, HERE, " t ", coders=["王"], language="en") == 12
    tasks = label_studio_tasks(contents, coders=["王"])
    config = label_studio_config(contents, language="en")
    assert [each[:3] for each in line.asked] == [
        ("POST", "/api/projects", {"title": "lbc_themes s", "label_config": config}),
        *(("POST", "/api/projects/12/import", [{k: v for k, v in task.items() if k != "id"}]) for task in tasks),
    ]  # fmt: skip
    sent = {"Authorization": "Token t", "Content-Type": "application/json", "Host": "localhost"}
    assert [each[3] for each in line.asked] == [sent] * 3
    assert "跟外婆" in line.asked[1][4].decode()
    assert line.made == [("127.0.0.1", 8080, 60)] * 3
    assert line.closed == 3


def test_a_projects_title_is_that_which_was_given_up_to_fifty_signs(line, contents):
    line.answers = [{"id": 1}, None, None]
    push_label_studio(contents, HERE, "t", title="名" * 60)
    assert line.asked[0][2]["title"] == "名" * 50
    assert line.asked[0][2]["label_config"] == label_studio_config(contents, language="zh")


def test_a_project_is_fetched_with_the_names_of_its_users(line, contents):
    task = task_of(result_of("longing", meta={}), completed_by=4)
    other = task_of(result_of("school", meta={}), completed_by=5) | {"annotations": None}
    users = [{"id": 4, "first_name": "孙"}, "no", {"id": "5"}]
    line.answers = [[task, other], users]
    assert whole(pull_label_studio(contents, HERE, "t", 9)) == [("K01", AT, AT + 3, "longing", "孙", "", "")]
    assert [each[:3] for each in line.asked] == [
        ("GET", "/api/projects/9/export?exportType=JSON&download_all_tasks=true", None), ("GET", "/api/users", None),
    ]  # fmt: skip


def test_a_server_that_does_not_list_its_users_leaves_numbers(line, contents):
    tasks = [task_of(result_of("longing", meta={}), completed_by=4)]
    line.answers = [tasks, Answer(403, b"")]
    assert [c.coder for c in pull_label_studio(contents, HERE, "t", 9, coder="4=钱")] == ["钱"]
    line.answers = [tasks, [{"id": 5, "username": "u"}]]
    with pytest.raises(InputError, match="project 9: task 3: of who annotated, the file says only 4"):
        pull_label_studio(contents, HERE, "t", 9)


def test_a_personal_token_is_exchanged_for_that_of_a_day(line, contents):
    line.answers = [{"access": "day"}, [], []]
    pull_label_studio(contents, HERE, " a.b.c\n", 9)
    assert line.asked[0][:3] == ("POST", "/api/token/refresh", {"refresh": "a.b.c"})
    assert [each[3]["Authorization"] for each in line.asked] == ["Token a.b.c", "Bearer day", "Bearer day"]


@pytest.mark.slow
@pytest.mark.parametrize("token", ["", "  ", "a b", "令牌", "a\tb"])
def test_a_token_that_is_none_is_refused_before_anything_is_sent(line, contents, token):
    with pytest.raises(InputError, match="no token, or one with blanks"):
        push_label_studio(contents, HERE, token)
    assert line.asked == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "said"),
    [(Answer(401, b"x" * 300), r"refused the request \(401\): x{200}$"), (Answer(300, b"\xff"), r"\(300\): \ufffd$"),
     (Answer(200, b"<html>"), r"at localhost did not answer \(Expecting value"),
     (OSError("gone"), r"Label Studio at localhost did not answer \(gone\)"),
     (http.client.BadStatusLine("?"), "at localhost did not answer")],
)  # fmt: skip
def test_what_a_server_refuses_is_said_and_the_connection_closed(line, contents, answer, said):
    line.answers = [answer]
    with pytest.raises(InputError, match=said):
        push_label_studio(contents, HERE, "t")
    assert line.closed == 1


def test_an_answer_of_nothing_is_taken_and_one_that_is_too_large_refused(line, contents, monkeypatch):
    line.answers = [{"id": 1}, Answer(299, b""), Answer(200, b"[1, 2]")]
    monkeypatch.setattr(label_studio, "_MOST", 10)
    push_label_studio(contents, HERE, "t")
    line.answers = [Answer(200, b'{"id": 1 }'), Answer(200, b'{"id": 12 }')]
    with pytest.raises(InputError, match="refused the request"):
        push_label_studio(contents, HERE, "t")
    assert len(line.asked) == 5


def test_another_machine_is_spoken_to_by_its_name_so_that_its_certificate_is_checked(line, contents):
    line.answers = [[], []]
    away = Server(scheme="https", host="example.org", port=443, numbers="192.0.2.7", loopback=False)
    pull_label_studio(contents, away, "t", 9)
    assert line.made[0] == ("example.org", 443, 60)


@pytest.fixture
def names(monkeypatch):
    """Names and the numbers that they have."""
    known = {
        "localhost": ["127.0.0.1", "::1%lo"], "example.org": ["192.0.2.7"], "mixed.test": ["127.0.0.1", "192.0.2.7"],
    }  # fmt: skip

    def look_up(host, port, type):  # noqa: A002
        assert type is socket.SOCK_STREAM
        if host not in known:
            raise socket.gaierror
        return [(0, type, 0, "", (number, port)) for number in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    ("address", "remote", "server"),
    [("http://localhost", False, ("http", "localhost", 80, "127.0.0.1", True)),
     ("http://localhost:8080/", False, ("http", "localhost", 8080, "127.0.0.1", True)),
     ("https://localhost", True, ("https", "localhost", 443, "127.0.0.1", True)),
     ("https://example.org:444", True, ("https", "example.org", 444, "192.0.2.7", False))],
)  # fmt: skip
@pytest.mark.usefixtures("names")
def test_a_server_is_looked_up_once(address, remote, server):
    found = label_studio_server(address, allow_remote=remote)
    assert (found.scheme, found.host, found.port, found.numbers, found.loopback) == server


@pytest.mark.parametrize(
    ("address", "remote", "said"),
    [("http://localhost:x", False, "the address 'http://localhost:x' is not taken"),
     ("localhost:80", False, "not taken"),
     ("http://localhost/?a=1", False, "not taken"), ("http://localhost/a", False, "not taken"),
     ("http://a@localhost", False, "not taken"), ("http://", False, "not taken"),
     ("http://nowhere", False, "the host nowhere is not known"),
     ("https://example.org", False, "example.org is not this machine"),
     ("http://mixed.test", False, "mixed.test is not this machine"),
     ("http://example.org", True, "example.org is another machine, and is spoken to by https only")],
)  # fmt: skip
@pytest.mark.usefixtures("names")
def test_an_address_that_is_no_server_of_this_machine_is_refused(address, remote, said):
    with pytest.raises(InputError, match=said):
        label_studio_server(address, allow_remote=remote)
