"""Spans for annotation tools and NLP: UIMA CAS (INCEpTION), WebAnno TSV, doccano and prodigy JSONL, spaCy DocBin.

All of them hold texts with labelled slices. UIMA counts UTF-16 units, the others code points; each form is written and
read by its own rule and comes back exact.
"""

import io
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.files import file_names, private_folder, write_private
from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook, Coding, Transcript
from lbc_themes.core.study_log import MACHINE, Contents, LogState, contents_codings, labelled_codings, unlabelled
from lbc_themes.exchange.losses import Loss
from lbc_themes.exchange.segments import Codes
from lbc_themes.text.safe_xml import parse_xml

if TYPE_CHECKING:
    from spacy.tokens import DocBin

CODE_TYPE = "lbc_themes.Code"
"""The UIMA type of a coding: features ``code``, ``coder``, ``memo``, ``time``."""
_SURFACE = "custom.Code"
Style = Literal["doccano", "prodigy"]


def _by_transcript(contents: Contents, coders: Collection[str] | None) -> Mapping[str, list[Coding]]:
    found: dict[str, list[Coding]] = defaultdict(list)
    for coding in labelled_codings(contents, machine_top=None):
        if coders is None or coding.coder in coders:
            found[coding.transcript_id].append(coding)
    return found


def span_losses(contents: Contents, *, memos: bool = True, definitions: bool = True) -> tuple[Loss, ...]:
    """Return what files of texts with labelled slices have no place for; see ``lbc_themes.exchange.losses``.

    ``memos`` says that memos on codings travel, ``definitions`` that the codes' own do not.
    """
    standing = LogState()
    standing.add(contents.entries)
    codings = contents_codings(contents, machine_top=0)
    counts = {
        "memos": len(standing.memos()),
        "coding-memos": 0 if memos else sum(bool(coding.memo) for coding in codings),
        "decisions": len(standing.decisions()),
        "turns": sum(len(transcript.turns) for transcript in contents.transcripts),
        "participants": len(contents.participants),
        "definitions": len(contents.codebook) * definitions,
    }
    texts = {
        "memos": message("exchange.spans_memos"), "coding-memos": message("exchange.spans_coding_memos"),
        "decisions": message("exchange.spans_decisions"), "turns": message("exchange.spans_turns"),
        "participants": message("exchange.spans_participants"), "definitions": message("exchange.spans_definitions"),
    }  # fmt: skip
    return tuple(Loss(topic=topic, text=texts[topic], count=count) for topic, count in counts.items() if count)


# --- doccano and prodigy.


def write_spans_jsonl(
    contents: Contents, path: str | Path, *, style: Style, coders: Collection[str] | None = None
) -> None:
    """Write one line a transcript and coder: doccano's ``label`` triples, or prodigy's ``spans`` with a token a letter.

    ``meta`` (prodigy) and further keys (doccano) hold the transcript's id and the coder, and come back.

    Raises:
        InputError: if the file cannot be written.
    """
    lines = []
    coded = _by_transcript(contents, coders)
    for transcript in contents.transcripts:
        mine = coded.get(transcript.id, [])
        coded_by = sorted({coding.coder for coding in mine}) or [""]
        lines += [_line(transcript, [c for c in mine if c.coder == who], who, style) for who in coded_by]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    try:
        write_private(Path(path), text)
    except OSError as fault:
        raise InputError(message("exchange.not_written", file=path, reason=fault.strerror)) from fault


def _line(transcript: Transcript, codings: Sequence[Coding], coder: str, style: Style) -> dict[str, Any]:
    if style == "doccano":
        labels = [[c.start, c.end, c.code_id] for c in codings]
        memos, times = [c.memo for c in codings], [c.time for c in codings]
        return {"text": transcript.text, "label": labels, "transcript": transcript.id, "coder": coder, "memos": memos,
                "times": times}  # fmt: skip
    tokens = [{"text": t, "start": i, "end": i + 1, "id": i, "ws": False} for i, t in enumerate(transcript.text)]
    spans = [
        {"start": c.start, "end": c.end, "label": c.code_id, "token_start": c.start, "token_end": c.end - 1,
         "memo": c.memo, "time": c.time}
        for c in codings
    ]  # fmt: skip
    meta = {"transcript": transcript.id, "coder": coder}
    return {"text": transcript.text, "tokens": tokens, "spans": spans, "meta": meta, "answer": "accept",
            **({"_annotator_id": coder} if coder else {})}  # fmt: skip


def read_spans_jsonl(path: str | Path, contents: Contents, *, coder: str = "") -> list[Coding]:
    """Return the codings of a .jsonl file of doccano or prodigy.

    A line is known by its transcript's id, else by its text. Labels are code ids or names. Lines that a person skipped
    or rejected in prodigy are left out. ``coder`` is who coded, where a line does not say.

    Raises:
        InputError: for lines that are neither, texts and labels that the study lacks, slices outside the text, and
            lines of which nobody knows who coded.
    """
    file = Path(path)
    try:
        lines = [line for line in file.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
        rows = [json.loads(line) for line in lines]
    except (OSError, ValueError) as fault:
        raise InputError(message("exchange.not_spans", file=file, reason=fault)) from fault
    found: dict[tuple[object, ...], Coding] = {}
    texts, codes = _Texts(contents), _SpanCodes(contents.codebook)
    for number, row in enumerate(rows, 1):
        for coding in _spans_of(row, f"{file}, line {number}", texts, codes, coder):
            spot = coding.transcript_id, coding.start, coding.end, coding.code_id, coding.coder, coding.adjudication
            found.setdefault(spot, coding)
    return list(found.values())


def left_in_spans(path: str | Path) -> tuple[Loss, ...]:
    """Return what of a .jsonl or WebAnno TSV that was read has no place in a study."""
    file = Path(path)
    if file.suffix.lower() == ".jsonl":
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
        skipped = sum(row.get("answer") in {"reject", "ignore"} for row in rows)
        others = sum(len(_of_kind(row.get(key), list) or ()) for row in rows for key in ("relations", "Comments"))
    elif file.suffix.lower() == ".tsv":
        layers = [line for line in file.read_text(encoding="utf-8-sig").split("\n") if line.startswith("#T_")]
        skipped, others = 0, sum(1 for _ in layers[1:])
    else:
        skipped = others = 0
    texts = {"skipped": message("exchange.spans_skipped"), "others": message("exchange.spans_others")}
    return tuple(
        Loss(topic=topic, text=texts[topic], count=count, where=file.name)
        for topic, count in (("skipped", skipped), ("others", others))
        if count
    )


def _spans_of(row: Any, where: str, texts: "_Texts", codes: "_SpanCodes", coder: str) -> Iterator[Coding]:  # noqa: ANN401
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise InputError(message("exchange.not_spans", file=where, reason=message("exchange.no_text")))
    if row.get("answer") in {"reject", "ignore"}:
        return
    meta = _of_kind(row.get("meta"), dict) or {}
    who = str(row.get("coder") or meta.get("coder") or row.get("_annotator_id") or coder)
    transcript = texts.of(str(row.get("transcript") or meta.get("transcript") or ""), row["text"], where)
    listed: list[Any] | None = _of_kind(row.get("spans"), list)
    triples: Any = row.get("label", row.get("labels", row.get("entities", [])))
    if listed is None and not isinstance(triples, list):
        raise InputError(message("exchange.not_spans", file=where, reason="label"))
    said = [_of_kind(row.get(name), list) or [] for name in ("memos", "times")]
    for number, each in enumerate(triples if listed is None else listed or ()):
        memo, time = (str(row[number]) if listed is None and number < len(row) else "" for row in said)
        yield _span(each, transcript, where, codes, who, memo=memo, time=time)


def _of_kind(value: Any, kind: type) -> Any:  # noqa: ANN401 (JSON)
    return value if isinstance(value, kind) else None


def _span(
    each: Any,  # noqa: ANN401 (JSON)
    transcript: Transcript,
    where: str,
    codes: "_SpanCodes",
    who: str,
    *,
    memo: str,
    time: str,
) -> Coding:
    try:
        if isinstance(each, dict):
            start, end = (int(each[key] if key in each else each[f"{key}_offset"]) for key in ("start", "end"))
            label, memo, time = each["label"], str(each.get("memo") or memo), str(each.get("time") or time)
        else:
            start, end, label = int(each[0]), int(each[1]), each[2]
    except (KeyError, IndexError, TypeError, ValueError) as fault:
        raise InputError(message("exchange.not_spans", file=where, reason=fault)) from fault
    if not 0 <= start < end <= len(transcript.text):
        raise InputError(message("exchange.span_outside", where=where, start=start, end=end))
    if not who:
        raise InputError(message("exchange.segment_coder", file=where, where=transcript.id))
    # What was adjudicated went out under a name of its own.
    return unlabelled(Coding(
        transcript_id=transcript.id, start=start, end=end, code_id=codes.find(str(label), where), coder=who, memo=memo,
        time=time,
    ))  # fmt: skip


class _Texts:
    """The study's transcripts by id and by text."""

    def __init__(self, contents: Contents) -> None:
        self._by_id = {transcript.id: transcript for transcript in contents.transcripts}
        self._by_text = {transcript.text: transcript for transcript in contents.transcripts}

    def of(self, transcript_id: str, text: str, where: str) -> Transcript:
        found = self._by_id.get(transcript_id)
        if found is None or found.text != text:
            found = self._by_text.get(text)
        if found is None:
            raise InputError(message("exchange.other_text", where=where))
        return found


class _SpanCodes:
    """The codes of a codebook by id, name or path."""

    def __init__(self, codebook: Codebook) -> None:
        self._codes = Codes(codebook)

    def find(self, label: str, where: str) -> str:
        found = self._codes.find(label)
        if not found:
            raise InputError(message("exchange.label_unknown", where=where, label=label))
        return found


# --- UIMA CAS, for INCEpTION and other UIMA tools.


def write_cas(contents: Contents, folder: str | Path, *, coders: Collection[str] | None = None) -> list[Path]:
    """Write a .xmi for each transcript, and TypeSystem.xml beside them, and return the paths.

    A coding is an annotation of type ``lbc_themes.Code`` with code, coder, memo and time; positions count UTF-16
    units, as UIMA does.

    Raises:
        MissingExtraError: if dkpro-cassis is not installed.
    """
    cassis = _cassis()
    where = Path(folder)
    private_folder(where)
    types = cassis.TypeSystem()
    kind = types.create_type(name=CODE_TYPE, supertypeName="uima.tcas.Annotation")
    for feature in ("code", "coder", "memo", "time"):
        types.create_feature(domainType=kind, name=feature, rangeType="uima.cas.String")
    coded, paths = _by_transcript(contents, coders), []
    write_private(where / "TypeSystem.xml", types.to_xml())
    names = file_names([transcript.id for transcript in contents.transcripts], ".xmi")
    for transcript, name in zip(contents.transcripts, names, strict=True):
        cas = cassis.Cas(typesystem=types)
        cas.sofa_string, cas.sofa_mime = transcript.text, "text/plain"
        for c in coded.get(transcript.id, []):
            cas.add(kind(begin=c.start, end=c.end, code=c.code_id, coder=c.coder, memo=c.memo, time=c.time))
        path = where / name
        write_private(path, cas.to_xmi())
        paths.append(path)
    return paths


def read_cas(path: str | Path, contents: Contents, *, coder: str = "") -> list[Coding]:
    """Return the codings of a .xmi file that this library or INCEpTION wrote (TypeSystem.xml beside it).

    Annotations with a feature ``code``, ``label`` or ``value`` that names a code are read.

    Raises:
        InputError: for a file that is no CAS, another text, an unknown code, or codings without a coder.
        MissingExtraError: if dkpro-cassis is not installed.
    """
    cassis = _cassis()
    file = Path(path)
    try:
        system = next(
            (each for each in (file.parent / "TypeSystem.xml", file.with_suffix(".xml")) if each.exists()), None
        )
        parse_xml(file.read_bytes(), str(file))
        types = cassis.load_typesystem(io.BytesIO(system.read_bytes())) if system else None
        cas = cassis.load_cas_from_xmi(io.BytesIO(file.read_bytes()), typesystem=types, lenient=True)
    except InputError:
        raise
    except Exception as fault:
        raise InputError(message("exchange.not_spans", file=file, reason=fault)) from fault
    transcript = _Texts(contents).of(file.stem, cas.sofa_string or "", str(file))
    codes, found = _SpanCodes(contents.codebook), {}
    for each in cas.select("uima.tcas.Annotation"):
        label = next((value for name in ("code", "label", "value") if (value := getattr(each, name, None))), None)
        if not isinstance(label, str) or not hasattr(each, "begin"):
            continue
        who = str(getattr(each, "coder", None) or coder)
        row = [each.begin, each.end, label]
        memo, time = (str(getattr(each, name, None) or "") for name in ("memo", "time"))
        coding = _span(row, transcript, str(file), codes, who, memo=memo, time=time)
        found[coding.start, coding.end, coding.code_id, who] = coding
    return list(found.values())


def _cassis() -> Any:  # noqa: ANN401 (dkpro-cassis has no types)
    try:
        import cassis  # type: ignore[import-untyped, unused-ignore]
    except ImportError as error:
        raise MissingExtraError(package="dkpro-cassis", extra="inception", purpose="UIMA CAS") from error
    return cassis


# --- WebAnno TSV 3, INCEpTION's own text form.

_ESCAPED = re.compile(r"->|[\\\[\]|_;*\t\n]")
_LETTERS = {"\t": "t", "\n": "n"}
_FEATURES = ("code", "coder", "memo", "time", "place")
_CELL_PARTS = re.compile(r"(?:\\.|[^|\\])+")
_TSV_SPAN = re.compile(r"((?:\\->|\\.|[^\\\[\]|])*)(?:\[(\d+)\])?")


def write_webanno_tsv(contents: Contents, folder: str | Path, *, coders: Collection[str] | None = None) -> list[Path]:
    """Write a WebAnno TSV 3.3 for each transcript, a token a character and a sentence a line, and return the paths.

    A coding is a span of the layer ``custom.Code`` with the features code, coder, memo and time, as in ``write_cas``.
    Positions count UTF-16 units, as WebAnno does. Blanks are no tokens, so that a span begins and ends at a word; the
    feature ``place`` says where in code points the coding begins and ends, blanks and all.
    """
    where = Path(folder)
    private_folder(where)
    coded, paths = _by_transcript(contents, coders), []
    names = file_names([transcript.id for transcript in contents.transcripts], ".tsv")
    for transcript, name in zip(contents.transcripts, names, strict=True):
        write_private(where / name, _tsv(transcript.text, coded.get(transcript.id, [])))
        paths.append(where / name)
    return paths


def _tsv(text: str, codings: Sequence[Coding]) -> str:
    lines = ["#FORMAT=WebAnno TSV 3.3", f"#T_SP={_SURFACE}|{'|'.join(_FEATURES)}", ""]
    units = [0, *accumulate(2 if letter > "\uffff" else 1 for letter in text)]
    values = [[_escaped(each) for each in (c.code_id, c.coder, c.memo, c.time, f"{c.start}:{c.end}")] for c in codings]
    at = sentence = 0
    for line in text.splitlines(keepends=True):
        words = [(i, letter) for i, letter in enumerate(line, at) if not letter.isspace()]
        at += len(line)
        if not words:
            continue
        sentence += 1
        said = text[words[0][0] : words[-1][0] + 1]
        lines += ["", f"#Text={said.replace(chr(92), chr(92) * 2).replace(chr(9), chr(92) + 't')}"]
        for number, (i, letter) in enumerate(words, 1):
            here = [n for n, c in enumerate(codings) if c.start <= i < c.end]
            cells = ["|".join(f"{values[n][f]}[{n + 1}]" for n in here) or "_" for f in range(len(_FEATURES))]
            lines.append("\t".join([f"{sentence}-{number}", f"{units[i]}-{units[i + 1]}", letter, *cells, ""]))
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Return a feature's value with the form's own signs escaped; "*" stands for none."""
    if not text:
        return "*"
    # A line end of Windows would be two, and the form has a sign for one.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _ESCAPED.sub(lambda hit: "\\" + _LETTERS.get(hit[0], hit[0]), text)


def _unescaped(text: str) -> str:
    letters = {sign: letter for letter, sign in _LETTERS.items()}
    return re.sub(r"\\(->|.)", lambda hit: letters.get(hit[1], hit[1]), text)


def read_webanno_tsv(path: str | Path, contents: Contents, *, coder: str = "") -> list[Coding]:
    """Return the codings of a WebAnno TSV 3 file, of this library or of INCEpTION.

    The first feature of the first layer of spans names the code, unless one is called ``code``; the others that
    ``write_webanno_tsv`` writes are read where the layer has them. Spans of several tokens with one number are one.

    Raises:
        InputError: for another form, a text that is not in the study, an unknown code, or no ``coder``.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(message("exchange.not_spans", file=file, reason=fault)) from fault
    if not text.startswith("#FORMAT=WebAnno TSV 3"):
        raise InputError(message("exchange.not_spans", file=file, reason="#FORMAT=WebAnno TSV 3"))
    columns = _tsv_columns(text)
    rows = [line.split("\t") for line in text.split("\n") if line[:1].isdigit()]
    rows = [row for row in rows if len(row) > 3 and "." not in row[0]]
    transcript = _tsv_transcript(rows, contents, file)
    bounds = {unit: i for i, unit in enumerate(accumulate((1 + (c > "\uffff") for c in transcript.text), initial=0))}
    codes = _SpanCodes(contents.codebook)
    slices: dict[tuple[str, ...], list[int]] = {}
    try:
        for number, row in enumerate(rows):
            start, end = (bounds[int(unit)] for unit in row[1].split("-"))
            for values in _tsv_spans(row, columns, number):
                spot = slices.setdefault(values, [start, end])
                spot[1] = max(spot[1], end)
    except (KeyError, ValueError) as fault:
        raise InputError(message("exchange.not_spans", file=file, reason=fault)) from fault
    return [
        _span([*_at(place, tokens, transcript.text), label], transcript, str(file), codes, who or coder, memo=memo,
              time=time)
        for (label, who, memo, time, place, _), tokens in slices.items()
    ]  # fmt: skip


def _at(place: str, tokens: Sequence[int], text: str) -> tuple[int, int]:
    """Return the slice that ``place`` names if its words are those of the tokens, else the tokens' own."""
    said = re.fullmatch(r"(\d+):(\d+)", place)
    start, end = (int(said[1]), int(said[2])) if said else (0, 0)
    whole = start <= tokens[0] and tokens[1] <= end <= len(text)
    around = text[start : tokens[0]] + text[tokens[1] : end]
    return (start, end) if whole and (not around or around.isspace()) else (tokens[0], tokens[1])


def _tsv_columns(text: str) -> list[int | None]:
    """Return where code, coder, memo, time and place of the first layer of spans stand in a row."""
    layer = next((line for line in text.split("\n") if line.startswith("#T_SP=")), "")
    features = [name.strip() for name in layer.split("|")[1:]]
    first = 3 + features.index("code") if "code" in features else 3
    return [first, *(3 + features.index(name) if name in features else None for name in _FEATURES[1:])]


def _tsv_spans(row: Sequence[str], columns: Sequence[int | None], number: int) -> Iterator[tuple[str, ...]]:
    """Yield the features and the number of the spans that a token is in; one without a number is alone."""
    cells = [_CELL_PARTS.findall(row[c]) if c is not None and c < len(row) else [] for c in columns]
    for at, part in enumerate(cells[0]):
        hit = _TSV_SPAN.fullmatch(part)
        if part in {"_", "*", ""} or not hit:
            continue
        others = [_TSV_SPAN.fullmatch(cell[at]) if at < len(cell) else None for cell in cells[1:]]
        said = ["" if other is None or other[1] in {"*", "_"} else _unescaped(other[1]) for other in others]
        yield (_unescaped(hit[1]), *said, hit[2] or f"row {number}")


def _tsv_transcript(rows: Sequence[Sequence[str]], contents: Contents, file: Path) -> Transcript:
    """Return the transcript in which every token of the file stands where the file says."""
    for transcript in contents.transcripts:
        data = transcript.text.encode("utf-16-le")
        spots = ((row[1].split("-"), row[2]) for row in rows)
        try:
            if rows and all(data[2 * int(a) : 2 * int(b)].decode("utf-16-le") == word for (a, b), word in spots):
                return transcript
        except (ValueError, UnicodeDecodeError):
            continue
    raise InputError(message("exchange.other_text", where=file))


# --- spaCy.


def to_docbin(contents: Contents) -> "DocBin":
    """Return a ``DocBin`` with one document a transcript, each character a token: every slice is a span.

    ``doc.spans[coder]`` holds the codings of a coder with code ids as labels; every coder of the study has a group in
    every document. ``doc.spans["machine"]`` holds the machine's first suggestions and ``doc.spans["suggestions"]`` all
    of them. ``doc.user_data`` holds the transcript's id and metadata. Read a written one with
    ``DocBin().from_disk(path).get_docs(spacy.blank("zh").vocab)``.

    Raises:
        MissingExtraError: if spaCy is not installed.
    """
    try:
        import spacy
        from spacy.tokens import Doc, DocBin, Span
    except ImportError as error:
        raise MissingExtraError(package="spacy", extra="spacy", purpose=message("core.purpose.spacy")) from error

    vocab = spacy.blank("zh").vocab
    found = DocBin(store_user_data=True)
    codings = labelled_codings(contents)
    suggested = [c for c in labelled_codings(contents, machine_top=None) if c.coder == MACHINE]
    coders = list(dict.fromkeys(coding.coder for coding in codings))
    groups: dict[str, Iterable[Coding]] = {n: [c for c in codings if c.coder == n] for n in coders}
    groups |= {"suggestions": suggested} if suggested and "suggestions" not in groups else {}
    for transcript in contents.transcripts:
        doc = Doc(vocab, words=list(transcript.text), spaces=[False] * len(transcript.text))
        for name, listed in groups.items():
            here = (c for c in listed if c.transcript_id == transcript.id)
            doc.spans[name] = [Span(doc, c.start, c.end, label=c.code_id) for c in here]
        doc.user_data["transcript"], doc.user_data["metadata"] = transcript.id, dict(transcript.metadata)
        found.add(doc)
    return found


def write_docbin(contents: Contents, path: str | Path) -> None:
    """Write ``to_docbin`` to a .spacy file."""
    try:
        write_private(Path(path), to_docbin(contents).to_bytes())
    except OSError as fault:
        raise InputError(message("exchange.not_written", file=path, reason=fault.strerror)) from fault
