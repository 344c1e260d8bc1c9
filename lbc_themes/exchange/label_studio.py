"""Label Studio: tasks with the codings of people as annotations and the machine's as predictions; files and server."""

import http.client
import ipaddress
import json
import socket
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import write_private
from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook, Coding, Language, Transcript
from lbc_themes.core.study_log import MACHINE, Contents, labelled_codings, unlabelled
from lbc_themes.exchange.losses import Loss
from lbc_themes.exchange.refi_qda.positions import Marked, Measured, Reading, decide, placed
from lbc_themes.exchange.refi_qda.write import code_name
from lbc_themes.exchange.refi_qda.xml import guid_of

Result = dict[str, Any]


def label_studio_tasks(contents: Contents, *, coders: Collection[str] | None = None) -> list[Result]:
    """Return one task a transcript. Positions are half-open and in code points; labels are code ids.

    Each person's codings are one annotation, the machine's one prediction. The person's name stands in the meta of
    every result, which Label Studio keeps, and in that of the annotation, which it drops. ``coders`` chooses whose
    codings go out; by default everybody's.
    """
    coded: dict[tuple[str, str], list[Coding]] = defaultdict(list)
    for coding in labelled_codings(contents, machine_top=None):
        if coders is None or coding.coder in coders:
            coded[coding.transcript_id, coding.coder].append(coding)
    tasks = []
    for number, transcript in enumerate(contents.transcripts, 1):
        mine = {coder: codings for (t, coder), codings in coded.items() if t == transcript.id}
        task: Result = {"id": number, "data": {"text": transcript.text, "transcript": transcript.id}}
        task["annotations"] = [
            {"result": _results(codings, transcript), "meta": {"coder": coder}}
            for coder, codings in mine.items()
            if coder != MACHINE
        ]
        machine = _results(mine.get(MACHINE, ()), transcript)
        task["predictions"] = [{"model_version": MACHINE, "result": machine}] if machine else []
        tasks.append(task)
    return tasks


def _results(codings: Iterable[Coding], transcript: Transcript) -> list[Result]:
    return [
        {
            "id": _region_id(c), "type": "labels", "from_name": "code", "to_name": "text",
            "value": {
                "start": c.start, "end": c.end, "text": transcript.text[c.start : c.end], "labels": [c.code_id],
            },
            "meta": {"coder": c.coder, **({"text": [c.memo]} if c.memo else {})},
        }
        for c in codings
    ]  # fmt: skip


def _region_id(c: Coding) -> str:
    return guid_of("region", c.transcript_id, c.start, c.end, c.code_id, c.coder)[:10]


def label_studio_config(contents: Contents, *, language: Language | None = None) -> str:
    """Return the labelling configuration that the tasks need, with the codes in their colours.

    In a ``language``, labels show the codes' names and stand for their ids; without one they show the ids.
    """
    book = contents.codebook
    labels = "".join(
        f"    <Label {_shown(book, code.id, language)} background={quoteattr(code.colour)}"
        f" hint={quoteattr(code.name.in_both())}/>\n"
        for code in book
    )
    text = '  <Text name="text" value="$text" granularity="symbol"/>\n'
    return f'<View>\n  <Labels name="code" toName="text">\n{labels}  </Labels>\n{text}</View>\n'


def _shown(book: Codebook, code_id: str, language: Language | None) -> str:
    if language is None:
        return f"value={quoteattr(code_id)}"
    return f"value={quoteattr(code_name(book, book[code_id], language))} alias={quoteattr(code_id)}"


def write_label_studio(
    contents: Contents, path: str | Path, *, coders: Collection[str] | None = None, language: Language | None = None
) -> None:
    """Write the tasks as .json, and the configuration beside it as .xml."""
    file = Path(path)
    tasks = label_studio_tasks(contents, coders=coders)
    try:
        write_private(file, json.dumps(tasks, ensure_ascii=False, indent=1))
        write_private(file.with_suffix(".xml"), label_studio_config(contents, language=language))
    except OSError as fault:
        raise InputError(
            message("exchange.cannot_written_check_folder_2", file=file, strerror=fault.strerror)
        ) from fault


def read_label_studio(path: str | Path, contents: Contents, *, coder: str = "") -> list[Coding]:
    """Return the codings in a Label Studio export, for ``Study.record_coding``.

    Predictions, drafts and skipped annotations are left out. Who coded is read from the result, else from the
    annotation, else known again by the result's id, else it is the user whom Label Studio names by name or address. A
    bare number names nobody: then ``coder`` is taken, a name for all or ``1=李,2=王`` by number.

    Raises:
        InputError: for a file that is no export, a task whose text is not that of its transcript, a label that is no
            code, words that are not where the result says, and annotations of which nobody knows who made them.
    """
    try:
        tasks = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as fault:
        raise InputError(message("exchange.label_studio_export_export", path=path, fault=fault)) from fault
    return codings_of_tasks(tasks, contents, coder=coder, name=str(path))


def codings_of_tasks(tasks: Sequence[Result], contents: Contents, *, coder: str = "", name: str = "") -> list[Coding]:
    """Return the codings of tasks as Label Studio's API and its JSON export give them; see ``read_label_studio``."""
    transcripts = {transcript.id: transcript for transcript in contents.transcripts}
    people = _People(contents, coder)
    found: list[Coding] = []
    try:
        for task in tasks:
            transcript = transcripts.get(task["data"].get("transcript", ""))
            if transcript is None or transcript.text != task["data"]["text"]:
                raise InputError(message("exchange.task_of_other_text", name=name, task=task.get("id")))
            for annotation in task.get("annotations") or ():
                if not annotation.get("was_cancelled"):
                    found += _annotation(annotation, transcript, people, contents, f"{name}: task {task.get('id')}")
    except (KeyError, TypeError, AttributeError, ValueError) as fault:
        if isinstance(fault, InputError):
            raise
        raise InputError(message("exchange.not_label_studio", name=name, fault=fault)) from fault
    once = {(c.transcript_id, c.start, c.end, c.code_id, c.coder, c.adjudication): c for c in reversed(found)}
    return list(once.values())[::-1]


def left_in_label_studio(path: str | Path) -> tuple[Loss, ...]:
    """Return what of a Label Studio export that was read has no place in a study."""
    return left_in_tasks(json.loads(Path(path).read_text(encoding="utf-8-sig")))


def left_in_tasks(tasks: Sequence[Result]) -> tuple[Loss, ...]:
    """Return what of tasks, as ``codings_of_tasks`` takes them, has no place in a study."""
    annotations = [each for task in tasks for each in task.get("annotations") or ()]
    done = [each for each in annotations if not each.get("was_cancelled")]
    foreign = [
        each for task in tasks for each in task.get("predictions") or ()
        if isinstance(each, dict) and each.get("model_version") != MACHINE
    ]  # fmt: skip
    counts = {
        "skipped": len(annotations) - len(done),
        "drafts": sum(len(task.get("drafts") or ()) for task in tasks),
        "others": sum(result.get("type") != "labels" for each in done for result in each["result"]),
        "predictions": len(foreign),
        "comments": sum(int(task.get("comment_count") or 0) for task in tasks),
    }
    texts = {
        "skipped": message("exchange.spans_skipped"), "drafts": message("exchange.left_drafts"),
        "others": message("exchange.spans_others"), "predictions": message("exchange.left_predictions"),
        "comments": message("exchange.left_comments"),
    }  # fmt: skip
    return tuple(Loss(topic=topic, text=texts[topic], count=count) for topic, count in counts.items() if count)


class _People:
    """Knows who made a result, and invents nobody."""

    def __init__(self, contents: Contents, coder: str) -> None:
        self._names = {entry.coder for entry in contents.entries}
        self._names |= {coding.coder for coding in labelled_codings(contents, machine_top=0)}
        named = dict(part.split("=", 1) for part in coder.split(",") if "=" in part)
        self._by_number = {number.strip(): name.strip() for number, name in named.items()}
        self._coder = "" if named else coder

    def of(self, result: Result, annotation: Result, coding: Coding) -> str:
        """Return the person's name, or "" where nothing tells."""
        stated = (result.get("meta") or {}).get("coder") or (annotation.get("meta") or {}).get("coder")
        if isinstance(stated, list):
            stated = next(iter(stated), "")
        if stated:
            return str(stated)
        for name in self._names:
            if result.get("id") == guid_of(
                "region", coding.transcript_id, coding.start, coding.end, coding.code_id, name
            )[:10]:  # fmt: skip
                return name
        return self._user(annotation.get("completed_by"))

    def _user(self, user: object) -> str:
        if isinstance(user, Mapping):
            number = str(user.get("id", ""))
            full = " ".join(filter(None, (str(user.get(key) or "") for key in ("first_name", "last_name")))).strip()
            said = full or str(user.get("email") or user.get("username") or "")
            return self._by_number.get(number) or said or self._coder
        if isinstance(user, str) and not user.isdecimal():
            return user.strip() or self._coder
        return self._by_number.get(str(user), self._coder)


def _annotation(
    annotation: Result, transcript: Transcript, people: _People, contents: Contents, where: str
) -> Iterator[Coding]:
    results = [each for each in annotation["result"] if each.get("type") == "labels"]
    marks = [
        Marked(key=str(n), start=r["value"]["start"], end=r["value"]["end"], words=r["value"].get("text") or "")
        for n, r in enumerate(results)
    ]
    measured = Measured(text=transcript.text, marked=marks)
    reading = decide([measured])[0].reading if any(mark.words for mark in marks) else Reading()
    for mark, result in zip(marks, results, strict=True):
        span, sure = placed(measured, mark, reading)
        if span is None or not sure:
            raise InputError(message("exchange.result_place", where=where, words=mark.words[:30]))
        memo = "\n".join((result.get("meta") or {}).get("text") or ())
        time = str(annotation.get("created_at") or "")
        for label in result["value"]["labels"]:
            coding = Coding(
                transcript_id=transcript.id, start=span[0], end=span[1], code_id=_code_id(label, transcript, contents),
                coder="", time=time, memo=memo,
            )  # fmt: skip
            who = people.of(result, annotation, coding)
            if not who:
                user = annotation.get("completed_by")
                raise InputError(message("exchange.annotator_unknown", where=where, user=user))
            if who != MACHINE:
                yield unlabelled(replace(coding, coder=who))  # What was adjudicated went out under a name of its own.


def _code_id(label: str, transcript: Transcript, contents: Contents) -> str:
    book = contents.codebook
    if label in book:
        return label
    named = [
        code.id
        for code in book
        if label in {code.name.zh, code.name.en, *(code_name(book, code, language) for language in ("zh", "en"))}
    ]
    if len(named) != 1:
        raise InputError(message("exchange.label_no_code", transcript_id=transcript.id, label=label))
    return named[0]


# --- A running Label Studio.

_SECONDS = 60
_MOST = 500_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A Label Studio server that was looked up once; ``loopback`` says that it runs on this machine."""

    scheme: str
    host: str
    port: int
    numbers: str
    loopback: bool


def label_studio_server(address: str, *, allow_remote: bool = False) -> Server:
    """Return the server at ``address``, such as http://127.0.0.1:8080.

    Raises:
        InputError: for anything but http and https, a host that is not known, and, unless ``allow_remote``, one that is
            not this machine. Another machine is spoken to by https only.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        parts, host, port = urlsplit(""), "", 0
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.query or parts.path.strip("/"):
        raise InputError(message("exchange.server_address", address=address))
    try:
        numbers = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError as fault:
        raise InputError(message("exchange.server_unknown", host=host)) from fault
    loopback = all(ipaddress.ip_address(number.partition("%")[0]).is_loopback for number in numbers)
    if not loopback and not allow_remote:
        raise InputError(message("exchange.server_remote", host=host))
    if not loopback and parts.scheme != "https":
        raise InputError(message("exchange.server_https", host=host))
    return Server(scheme=parts.scheme, host=host, port=port, numbers=numbers[0], loopback=loopback)


def push_label_studio(
    contents: Contents, server: Server, token: str, *, title: str = "", coders: Collection[str] | None = None,
    language: Language = "zh",
) -> int:  # fmt: skip
    """Make a project of the study on a Label Studio server and return the project's number.

    What leaves: the transcripts' texts and ids, the codebook's names and colours, the codings of ``coders`` (by default
    everybody's) with their names and memos, and the machine's suggestions as predictions.
    """
    talk = _Talk(server, token)
    config = label_studio_config(contents, language=language)
    made = talk.ask("POST", "/api/projects", {"title": (title or f"lbc_themes {contents.name}".strip())[:50],
                                              "label_config": config})  # fmt: skip
    number = int(made["id"])
    for task in label_studio_tasks(contents, coders=coders):
        # One task at a time: the server takes requests of a limited size.
        talk.ask("POST", f"/api/projects/{number}/import", [{key: task[key] for key in task if key != "id"}])
    return number


def pull_label_studio(contents: Contents, server: Server, token: str, project: int, *, coder: str = "") -> list[Coding]:
    """Return the codings that stand in a project on a Label Studio server; see ``read_label_studio``."""
    talk = _Talk(server, token)
    tasks = talk.ask("GET", f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true")
    users = talk.users()
    for task in tasks if users else ():
        for annotation in task.get("annotations") or ():
            if isinstance(annotation.get("completed_by"), int):
                annotation["completed_by"] = users.get(annotation["completed_by"], annotation["completed_by"])
    return codings_of_tasks(tasks, contents, coder=coder, name=f"project {project}")


class _Talk:
    """Requests to one server with one token: an old access token, or a personal one that is exchanged for a day's."""

    def __init__(self, server: Server, token: str) -> None:
        self._server = server
        if not token.strip() or not token.isascii() or any(letter.isspace() for letter in token.strip()):
            raise InputError(message("exchange.server_token"))
        self._header = f"Token {token.strip()}"
        if token.count(".") == 2:
            access = self.ask("POST", "/api/token/refresh", {"refresh": token.strip()})
            self._header = f"Bearer {access['access']}"

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 (JSON)
        server = self._server
        opened: http.client.HTTPConnection = (
            http.client.HTTPSConnection(server.host, server.port, timeout=_SECONDS)
            if server.scheme == "https"
            else http.client.HTTPConnection(server.numbers, server.port, timeout=_SECONDS)
        )
        try:
            data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
            headers = {"Authorization": self._header, "Content-Type": "application/json", "Host": server.host}
            opened.request(method, path, body=data, headers=headers)
            answer = opened.getresponse()
            said = answer.read(_MOST + 1)
            if answer.status >= 300 or len(said) > _MOST:
                text = said[:200].decode("utf-8", "replace")
                raise InputError(message("exchange.server_refused", status=answer.status, text=text))
            return json.loads(said or b"null")
        except (OSError, http.client.HTTPException, ValueError) as fault:
            if isinstance(fault, InputError):
                raise
            raise InputError(message("exchange.server_silent", host=server.host, fault=fault)) from fault
        finally:
            opened.close()

    def users(self) -> dict[int, Result]:
        """Return the server's users by number, or none where it does not list them."""
        try:
            listed = self.ask("GET", "/api/users")
        except InputError:
            return {}
        return {user["id"]: user for user in listed if isinstance(user, dict) and isinstance(user.get("id"), int)}
