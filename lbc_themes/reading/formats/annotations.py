"""Annotation programs beside ELAN: CHAT (CLAN), Praat TextGrid and EXMARaLDA; a main tier is a speaker."""

import re
from collections.abc import Iterator, Mapping, Sequence

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Role
from lbc_themes.reading.document import Document, Doubt, Form, Line, Parsed, Part, PartKind, bare
from lbc_themes.reading.formats.subtitles import Voice, joined_voices
from lbc_themes.text.safe_xml import parse_xml

# --- CHAT: headers begin with @, main lines with *CHI:, dependent tiers with %mor:.

_MAIN = re.compile(r"\*(?P<speaker>[A-Za-z0-9_\-]{1,8}):[\t ]?")
_DEPENDENT = re.compile(r"[%@]")
_BULLET = re.compile(r"\x15[%A-Za-z]*:?\"?[^\x15]{0,80}?(\d+)_\d+\x15")
_CODES = re.compile(
    r"\[(?:[=+*%/!?\-<>^#x$]|//)[^\[\]]{0,120}\]|\[/{1,3}\]|&[=+\-~*][^\s]{1,60}|\+[/.,\"<^!?+]{1,4}|[<>]|(?<!\S)0(?!\S)|\(\.{1,3}\)|"
    r"\(\d{0,3}[.:]\d{0,2}\)|‡|„|@[a-z]{1,3}(?::[a-z]+)?(?![A-Za-z])|(?<=\s)[+][.](?=\s|$)"
)
_UNTRANSCRIBED = re.compile(r"(?:xxx|yyy|www)(?![A-Za-z])")
_INVESTIGATORS = frozenset({"investigator", "interviewer", "media", "examiner", "clinician", "therapist", "observer"})
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff，。？！、；：])[ \t]+(?=[\u3400-\u9fff，。？！、；：])")


def recognise_chat(document: Document) -> float:
    """Say how sure it is that ``document`` is a CHAT file."""
    lines = [line.text for line in document.lines if line.text.strip()]
    mains = sum(1 for line in lines if _MAIN.match(line))
    headers = sum(1 for line in lines if line.startswith("@"))
    tiers = sum(1 for line in lines if re.match(r"%[a-z]{3,4}:", line))
    return 1.0 if mains and (headers or tiers) and (mains + headers + tiers) * 2 > len(lines) else 0.0


def parse_chat(document: Document) -> Parsed:
    """Read one turn a main line. Headers and dependent tiers (%mor, %com) are no speech, nor are CHAT's codes.

    The text is the main lines without codes for events, retracing and pauses, one a line, without the blanks between
    Chinese words. Roles come from @Participants (Investigator is the interviewer, Target_Child a child).
    """
    voices: list[Voice] = []
    parts: list[Part] = []
    skipped: dict[str, None] = {}
    for first, rows in _chat_lines(document.lines):
        start, end = first.start, rows[-1].start + len(rows[-1].text)
        match = _MAIN.match(first.text)
        if match is None:
            parts.append(Part(start, end, PartKind.FURNITURE, "tier"))
            if first.text.startswith("%"):
                skipped.setdefault(first.text.split(":")[0])
            continue
        parts.append(Part(start, start + match.end(), PartKind.LABEL))
        parts.append(Part(start + match.end(), end, PartKind.SPEECH))
        said = " ".join([first.text[match.end() :], *(row.text.strip() for row in rows[1:])])
        bullet = _BULLET.search(said)
        words = _plain_chat(said)
        if words:
            voices.append(Voice(match["speaker"], words, int(bullet[1]) / 1000 if bullet else None))
    if not voices:
        raise InputError(message("reading.no_main_line_chi"))
    text, turns = joined_voices(voices)
    notes = (f"tiers that are no speech were not read: {', '.join(skipped)}",) if skipped else ()
    return Parsed(text=text, turns=turns, roles=_chat_roles(document.lines), notes=notes, parts=tuple(parts))


def _chat_lines(lines: Sequence[Line]) -> Iterator[tuple[Line, list[Line]]]:
    """Yield each line with those that carry it on, which begin with a tab."""
    held: list[Line] = []
    for line in lines:
        if not bare(line.text):
            continue
        if held and line.text[:1] in "\t " and not re.match(r"\s*[*@%]", line.text):
            held.append(line)
            continue
        if held:
            yield held[0], held
        held = [line]
    if held:
        yield held[0], held


def _plain_chat(said: str) -> str:
    said = _BULLET.sub(" ", said)
    said = re.sub(r"\x15[^\x15]*\x15", " ", said)
    for _ in range(3):
        said = _CODES.sub(" ", said)
    said = re.sub(r"[ \t]+", " ", _HAN_GAP.sub("", _UNTRANSCRIBED.sub("xxx", said))).strip()
    said = re.sub(r"(?<=[\u3400-\u9fff\w]) (?=[.?!,，。？！])", "", _HAN_GAP.sub("", said))
    # CHAT ends each line with a mark of its own, also after one that was typed.
    return re.sub(r"(?<=[。？！…])\s*[.?!]$", "", said)


def _chat_roles(lines: Sequence[Line]) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    for line in lines:
        if not line.text.startswith("@Participants"):
            continue
        for entry in line.text.partition(":")[2].split(","):
            words = entry.split()
            if len(words) < 2:
                continue
            role = words[-1].lower()
            if role in _INVESTIGATORS:
                roles[words[0]] = Role.INTERVIEWER
            elif "child" in role or role in {"student", "brother", "sister", "sibling"}:
                roles[words[0]] = Role.CHILD
            elif role == "teacher":
                roles[words[0]] = Role.TEACHER
            elif role in {"mother", "father", "grandmother", "grandfather", "caretaker", "relative"}:
                roles[words[0]] = Role.CAREGIVER
    return roles


CHAT = Form(name="chat", recognise=recognise_chat, parse=parse_chat)


# --- Which tiers are speech.

_NO_SPEECH = re.compile(
    r".*(?:备注|備註|注释|註釋|笔记|手势|動作|动作|表情|眼神|身势|翻译|翻譯|译文|譯文|拼音|音节|音節|音素|音段|声调|聲調|词性|詞性|词|字|标注|標注|事件|停顿|静音|"
    r"(?<![A-Za-z])(?:notes?|comment|comments|gesture|gestures|gaze|nonverbal|nv|action|actions|translation|trans|gloss|glosses|pinyin|ipa|phones?|phonemes?|"
    r"syllables?|tones?|words?|pos|mor|gra|events?|silences?|pauses?|code|codes|memo|f0|pitch|intensity|points?|sounds?|noise|"
    r"english|en|eng|ft|mt|ref|refs|id|ids|topic|turn no)(?![A-Za-z])).*",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[A-Za-z0-9\u3400-\u9fff]")
_EMPTY = re.compile(r"[\s\-_#~.*]*|<?(?:sil|sp|pause|silence|p|x|xx|xxx)>?|\(\.+\)", re.IGNORECASE)


def is_speech_tier(name: str, words: Sequence[str], *, named: bool = False) -> bool:
    """Say whether a tier holds what somebody says, by its name and by what stands in it.

    Words such as 手势, translation or phones in the name, references and numbers in place of words, and values that are
    all pinyin or sounds speak against it. A tier with a participant of its own (``named``) is judged by its words
    alone.
    """
    full = [word for word in words if _LETTERS.search(word) and not _EMPTY.fullmatch(word)]
    if not full or (not named and _NO_SPEECH.fullmatch(name) is not None):
        return False
    ids = sum(1 for word in full if re.fullmatch(r"[A-Za-z_\-]{0,16}[.\-_]?\d{1,6}|\d+(?:[.:]\d+)*", word))
    return ids * 2 <= len(full)


# --- Praat: intervals in tiers.


def recognise_praat(document: Document) -> float:
    """Say how sure it is that ``document`` is a TextGrid of Praat."""
    return (
        1.0
        if document.suffix == ".textgrid" or re.match(r"[\s\ufeff]*File type = \"ooTextFile", document.text)
        else 0.0
    )


def parse_praat(document: Document) -> Parsed:
    """Read one turn an interval with words, in the order of time; a tier of intervals is a speaker.

    Tiers of points, and tiers whose names or values say that they are no speech (手势, phones, translation), are
    left out.
    """
    from praatio.utilities.textgrid_io import parseTextgridStr

    try:
        grid: Mapping[str, Sequence[Mapping[str, object]]] = parseTextgridStr(document.text)
    except Exception as fault:
        # praatio stumbles over a broken file in its own ways.
        raise InputError(message("reading.readable_textgrid_save_again", fault=fault)) from fault
    said: list[tuple[float, str, str]] = []
    skipped: list[str] = []
    for tier in grid["tiers"]:
        name = str(tier["name"])
        entries = list(tier["entries"]) if tier["class"] == "IntervalTier" else []  # type: ignore[call-overload]
        words = [bare(str(entry[2])) for entry in entries]
        if not is_speech_tier(name, words):
            skipped.append(name)
            continue
        said += [
            (float(entry[0]), name, word)
            for entry, word in zip(entries, words, strict=True)
            if word and not _EMPTY.fullmatch(word)
        ]
    if not said:
        raise InputError(message("reading.no_tier_intervals_holds"))
    said.sort(key=lambda item: item[0])
    text, turns = joined_voices([Voice(speaker, word, time) for time, speaker, word in said])
    return _from_tiers(document, text, turns, skipped, [word for _, _, word in said])


def _from_tiers(
    document: Document, text: str, turns: tuple[object, ...], skipped: Sequence[str], words: Sequence[str]
) -> Parsed:
    notes = (f"tiers that are no speech were not read: {', '.join(skipped[:20])}",) if skipped else ()
    doubts = (Doubt("tiers-left-out", "、".join(skipped[:20])),) if skipped else ()
    parts = [Part(0, len(document.text), PartKind.SPEECH if words else PartKind.FURNITURE)]
    return Parsed(text=text, turns=turns, notes=notes, parts=tuple(parts), doubts=doubts)  # type: ignore[arg-type]


PRAAT = Form(name="textgrid", recognise=recognise_praat, parse=parse_praat)


# --- EXMARaLDA: events between points of a time line, in tiers of speakers.

_DECLARATION = re.compile(r"\s{0,100}<\?xml[^>]{0,200}\?>")


def recognise_exmaralda(document: Document) -> float:
    """Say how sure it is that ``document`` is a basic transcription of EXMARaLDA."""
    return 1.0 if "<basic-transcription" in document.text[:5000] else 0.0


def parse_exmaralda(document: Document) -> Parsed:
    """Read one turn an event of the tiers of category v (verbal), in the order of time; other tiers are left out."""
    root = parse_xml(_DECLARATION.sub("", document.text, count=1).encode("utf-8"), "the EXMARaLDA file")
    names = {
        speaker.get("id", ""): bare(speaker.findtext("abbreviation") or "") or speaker.get("id", "")
        for speaker in root.iter("speaker")
    }
    points = {item.get("id", ""): (n, item.get("time")) for n, item in enumerate(root.iter("tli"))}
    said: list[tuple[int, str, str, float | None]] = []
    skipped: list[str] = []
    tiers = list(root.iter("tier"))
    verbal = [tier for tier in tiers if tier.get("type") == "t" or tier.get("category") == "v"]
    for tier in tiers:
        if tier not in verbal:
            skipped.append(tier.get("display-name") or tier.get("category") or tier.get("id") or "")
            continue
        speaker = names.get(tier.get("speaker", ""), "") or tier.get("display-name") or ""
        for event in tier.iter("event"):
            words = bare("".join(event.itertext()))
            at, time = points.get(event.get("start", ""), (0, None))
            if words:
                seconds = float(time) if time and re.fullmatch(r"\d+(?:\.\d+)?", time) else None
                said.append((at, speaker, words, seconds))
    if not said:
        raise InputError(message("reading.no_tier_type_transcription"))
    said.sort(key=lambda item: item[0])
    text, turns = joined_voices([Voice(speaker, words, time) for _, speaker, words, time in said])
    return _from_tiers(document, text, turns, skipped, [words for _, _, words, _ in said])


EXMARALDA = Form(name="exmaralda", recognise=recognise_exmaralda, parse=parse_exmaralda)
