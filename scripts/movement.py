"""How far results move between environments: ``python scripts/movement.py PYTHON OTHER_PYTHON ...``.

Each interpreter, of an environment with its own releases of the libraries, runs the whole way over the demonstration
interviews and learns from half of their participants' hand coding. What comes out is compared with the first one's.
Nothing is said about quality: only about how much of a result hangs on the releases that happen to be installed.
"""

import csv
import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("numpy", "scipy", "scikit-learn", "hdbscan", "onnxruntime", "tokenizers", "jieba", "pandas", "safetensors")


def results() -> dict[str, object]:
    """Return what this interpreter's environment makes of the demonstration interviews."""
    import numpy as np

    import lbc_themes as lbc

    corpus = ROOT / "corpora" / "zhuzhai-demo"
    book = lbc.load_codebook("left-behind-children")
    passages = lbc.segment(lbc.read_transcripts(corpus / "interviews"))
    vectors = lbc.load_encoder().encode([passage.text for passage in passages])
    zero_shot = lbc.CodeSuggester(book)
    suggestions = zero_shot.suggest(passages, 3, vectors)
    with (corpus / "codings.csv").open(encoding="utf-8-sig", newline="") as file:
        codings = list(csv.DictReader(file))
    codes = [
        sorted({c["code"] for c in codings if c["transcript"] == passage.transcript_id and _touches(c, passage.spans)})
        for passage in passages
    ]
    who = sorted({passage.transcript_id for passage in passages})
    teach = [i for i, passage in enumerate(passages) if who.index(passage.transcript_id) % 2 == 0]
    learned = lbc.CodeSuggester(book).fit(
        [passages[i] for i in teach], [codes[i] for i in teach], [passages[i].transcript_id for i in teach],
        vectors[teach],
    )  # fmt: skip
    themes = lbc.ThemeModel(random_state=0).fit(passages, vectors)
    return {
        "passages": [[p.transcript_id, *map(list, p.spans)] for p in passages],
        "vectors": np.round(vectors, 7).tolist(),
        "suggestions": [[code.code_id for code in each.codes] for each in suggestions],
        "learned": learned.predict_proba(passages, vectors).tolist(),
        "themes": themes.labels_.tolist(),
        "releases": {name: metadata.version(name) for name in LIBRARIES},
        "python": sys.version.split()[0],
    }


def _touches(coding: dict[str, str], spans: tuple[tuple[int, int], ...]) -> bool:
    return any(int(coding["start"]) < end and start < int(coding["end"]) for start, end in spans)


def main() -> None:
    """Print a table: environment by what moved."""
    if sys.argv[1:] == ["--here"]:
        print(json.dumps(results()))
        return
    made = []
    for python in sys.argv[1:]:
        done = subprocess.run([python, __file__, "--here"], check=True, capture_output=True, text=True)
        made.append(json.loads(done.stdout))
    print("| | " + " | ".join(f"Python {each['python']}" for each in made) + " |")
    print("|---" * (len(made) + 1) + "|")
    for name in LIBRARIES:
        print(f"| {name} | " + " | ".join(each["releases"][name] for each in made) + " |")
    for title, moved in compared(made[0], made).items():
        print(f"| {title} | " + " | ".join(moved) + " |")


def compared(first: dict, made: list[dict]) -> dict[str, list[str]]:
    """Return, for each measure, how far each environment is from the first."""
    import numpy as np
    from sklearn.metrics import adjusted_rand_score

    rows: dict[str, list[str]] = {}
    for each in made:
        one = {"passages cut alike": f"{share(first['passages'], each['passages']):.1%}"}
        if first["passages"] == each["passages"]:
            a, b = np.array(first["vectors"]), np.array(each["vectors"])
            cosine = (a * b).sum(1) / np.maximum(np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1), 1e-12)
            one["least cosine of vectors"] = f"{cosine[np.linalg.norm(a, axis=1) > 0].min():.6f}"
            tops = [[codes[:1] for codes in result["suggestions"]] for result in (first, each)]
            one["first suggestions alike"] = f"{share(*tops):.1%}"
            one["all suggestions alike"] = f"{share(first['suggestions'], each['suggestions']):.1%}"
            learned = [np.array(result["learned"]) for result in (first, each)]
            one["largest change of a learned share"] = f"{np.abs(learned[0] - learned[1]).max():.4f}"
            one["themes, adjusted Rand index"] = f"{adjusted_rand_score(first['themes'], each['themes']):.3f}"
            one["number of themes"] = str(len({label for label in each["themes"] if label >= 0}))
        for title, value in one.items():
            rows.setdefault(title, []).append(value)
    return rows


def share(some: list, others: list) -> float:
    """Return the share of places at which two lists are alike."""
    return sum(a == b for a, b in zip(some, others, strict=False)) / max(len(some), len(others))


if __name__ == "__main__":
    main()
