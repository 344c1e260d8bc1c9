"""The known agreement of ten coders of English counselling talk (AnnoMI), and the time that a table takes.

The 428 utterances that ten people coded; known figures: Fleiss' kappa 0.467 for client talk type (212 utterances) and
0.737 for the therapist's main behaviour (216). The time is that of a table over 50 codes and 1,000 passages.
"""

import csv
import random
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from lbc_themes.agreement import AgreementTable, agreement
from lbc_themes.core.records import Coding, Passage, Role

NAME = "agreement"
QUESTION = "Are the measures of agreement those that were published, and how long does a large table take?"
DATA = ("annomi-en",)
NOTE = """
Both known figures are met to three digits. The intervals are drawn over a handful of sessions and so are rough. The
made-up codings of the large table agree by chance only; it is there for its time.
"""

CODERS = 10
KNOWN = {"client_talk_type": 0.467, "main_therapist_behaviour": 0.737}
COLUMN_OF = {"client": "client_talk_type", "therapist": "main_therapist_behaviour"}
LENGTH = 10


def main(data: Path) -> dict[str, Any]:
    """Return computed and known figures; ``data`` is the folder that holds ``annomi-en/AnnoMI-full.csv``."""
    results: dict[str, Any] = {}
    utterances = _utterances(data / "annomi-en" / "AnnoMI-full.csv")
    for speaker, column in COLUMN_OF.items():
        table = _table([row for rows in utterances.values() for row in rows if row["interlocutor"] == speaker], column)
        results[column] = _figures(table) | {"known_fleiss_kappa": KNOWN[column]}
    results["large_table"] = _large_table()
    return results


def _utterances(path: Path) -> dict[tuple[str, str], list[dict[str, str]]]:
    found: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["transcript_id"], row["utterance_id"]].append(row)
    return {key: rows for key, rows in found.items() if len({row["annotator_id"] for row in rows}) == CODERS}


def _table(rows: list[dict[str, str]], column: str) -> AgreementTable:
    passages = {p.id: p for p in (_passage(row["transcript_id"], int(row["utterance_id"])) for row in rows)}
    codings = [
        Coding(
            transcript_id=row["transcript_id"],
            start=at,
            end=at + LENGTH,
            code_id=row[column],
            coder=row["annotator_id"],
        )
        for row in rows
        for at in [int(row["utterance_id"]) * LENGTH]
    ]
    return agreement(codings, passages=list(passages.values()))


def _passage(transcript_id: str, number: int) -> Passage:
    start = number * LENGTH
    return Passage(
        id=f"{transcript_id}.{number}",
        transcript_id=transcript_id,
        spans=((start, start + LENGTH),),
        text="x" * LENGTH,
        speaker="",
        role=Role.OTHER,
    )


def _figures(table: AgreementTable) -> dict[str, Any]:
    row = table.overall
    figures: dict[str, Any] = {"units": row.units, "participants": table.participants}
    for name in ("percent", "fleiss_kappa", "mean_cohen_kappa", "alpha", "ac1", "brennan_prediger"):
        estimate = row.measures[name]
        figures[name] = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return figures


def _large_table(codes: int = 50, passages: int = 1000, participants: int = 25, coders: int = 3) -> dict[str, Any]:
    chance = random.Random(0)  # noqa: S311 (made-up codings, no secret)
    places = [_passage(f"T{i % participants}", i) for i in range(passages)]
    codings = [
        Coding(
            transcript_id=p.transcript_id,
            start=p.start,
            end=p.end,
            code_id=f"c{chance.randrange(codes)}",
            coder=f"k{k}",
        )
        for p in places
        for k in range(coders)
        for _ in range(chance.randrange(4))
    ]
    begin = time.perf_counter()
    table = agreement(codings, passages=places)
    seconds = time.perf_counter() - begin
    return {
        "codes": len(table.codes),
        "units": table.overall.units,
        "coders": coders,
        "draws": 1000,
        "seconds": seconds,
    }
