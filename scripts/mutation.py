"""Mutation testing with mutmut: do tests notice a change of the source? ``python scripts/mutation.py [PACKAGE ...]``.

In a copy under build/mutation functions of a package are changed in one place at a time, and the tests that reach the
changed function are run, the likeliest to notice first, until one fails. Which changes are tried is a random sample by
``--seed`` (``--sample 0``: all of them), in an order of its own: what is tried before the time is over is a random
sample too. A change keeps its place in the order when others come and go. What survives is listed, to be read: a
missing test, or a change that makes no difference. Changes that cannot make one by a rule of ``WITHOUT_EFFECT`` are
not tried. Not changed at all: what stands outside functions, and functions with a decorator.

The exit code is 1 where less than ``--at-least`` of the changes that were tried are noticed. ``--again`` tries only the
changes that survived last time, on the source and tests as they are now. What is known of changes and tests is kept for
the files that stay what they are. Needs a system that forks (Linux, macOS).
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutation"
CLI = ("", "_codebook", "_exchange", "_merge")
PACKAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "segmenting": ("lbc_themes/segmenting", ("tests/segmenting",)),
    "agreement": ("lbc_themes/agreement", ("tests/agreement", "tests/study/test_compare.py")),
    "privacy": (
        "lbc_themes/safeguards/privacy",
        tuple(f"tests/safeguards/test_privacy{part}.py" for part in ("", "_folder", "_parts", "_tagger")),
    ),
    "study": (
        "lbc_themes/study",
        ("tests/study", "tests/cli/test_agreement.py", *(f"tests/cli/test_study{part}.py" for part in CLI)),
    ),
    "suggest": ("lbc_themes/suggest", ("tests/suggest",)),
    "exchange": ("lbc_themes/exchange", ("tests/exchange", "tests/cli/test_study_exchange.py")),
}
"""The source of a package and its tests."""

WITHOUT_EFFECT: dict[str, str] = {
    "zip(strict=), a guard where lengths are equal by construction": r",?\s*\bstrict=\w+",
    "a type for the type checker: cast()": r"(?<=\bcast\()[^,]*,\s*",
    "SQL in capitals or small letters": r'(?i)"(?:SELECT|INSERT|UPDATE|DELETE|PRAGMA|BEGIN|DROP|ALTER)\b[^"\']*"',
    "UTF-8 in capitals, or left to a system that has no other": r',?\s*((\bencoding=)?"(utf|UTF)-8"|\bencoding=None)',
}
"""Rules by which a change is not tried: the words differ only in what the expression matches."""

REACH = Path("reach.json")
"""Which functions each test reaches, in the copy of the project."""


def main() -> None:
    """Change each package, count what was noticed and list what was not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"by default all: {', '.join(PACKAGES)}")
    parser.add_argument("--at-least", type=float, default=0.85, help="share that must be noticed (0.85)")
    parser.add_argument("--sample", type=int, default=400, help="changes tried in each package; 0 tries all (400)")
    parser.add_argument("--seed", default="1", help="which changes are drawn (1)")
    parser.add_argument("--only", default="", help="draw only from files whose path has one of these words")
    parser.add_argument("--tests", default="", help="run only these test files, with spaces between them")
    parser.add_argument("--again", action="store_true", help="try again only what survived last time")
    parser.add_argument("--seconds", type=float, default=3600, help="bound on the time for each package (3600)")
    parser.add_argument("--processes", type=int, default=1, help="changes tried at a time (1)")
    asked = parser.parse_args()
    names = asked.packages or list(PACKAGES)
    if len(names) == 1:
        sys.exit(0 if enough(names[0], asked) else 1)
    options = [word for word in sys.argv[1:] if word not in names]  # a process each: tests are run within it
    runs = [subprocess.run([sys.executable, __file__, name, *options], check=False) for name in names]
    sys.exit(max(run.returncode for run in runs))


def enough(name: str, asked: argparse.Namespace) -> bool:
    """Try the changes of one package, print what became of them, and return whether enough were noticed."""
    kept = WORK / f"{name}.json"
    os.chdir(copied(name, asked))  # mutmut reads its settings from where it is, and writes there
    report = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(WORK / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)  # mutmut draws a spinner
    from mutation_runs import tried_changes  # now: mutmut reads its settings as it is imported

    changes, without_effect = possible_changes(PACKAGES[name][0], WORK / f"{name}.before")
    if asked.again:
        survived_before = [key for key, outcome in json.loads(kept.read_text()).items() if outcome != "noticed"]
        drawn = [key for key in survived_before if key in changes]
    else:
        drawn = sorted(changes, key=lambda key: hashlib.sha256(f"{asked.seed}:{key}".encode()).digest())
        drawn = drawn[: asked.sample or None]

    tests = asked.tests.split() or PACKAGES[name][1]
    arguments = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--hypothesis-profile", "ci", *tests]
    arguments += ["--ignore", "tests/segmenting/test_scaling.py"]  # measures time
    tried = tried_changes(
        drawn, arguments, REACH, PACKAGES[name][0].replace("/", "."), seconds=asked.seconds, processes=asked.processes
    )
    outcomes = dict.fromkeys(drawn, "not tried") | tried
    kept.write_text(json.dumps(outcomes, indent=1))
    counts = Counter(outcomes.values())
    n_tried = len(outcomes) - counts["not tried"]
    noticed = counts["noticed"] + counts["time over"]
    low, high = wilson_interval(noticed, n_tried)
    share = noticed / max(n_tried, 1)
    say = partial(print, file=report, flush=True)
    say(f"{name}: {noticed} of {n_tried} changes noticed ({share:.1%}, 95 % {low:.1%} to {high:.1%})")
    say(
        f"    drawn {len(drawn)} of {len(changes)}, seed {asked.seed}; noticed as they never end: {counts['time over']}"
    )
    say(
        f"    no test reaches: {counts['not reached']}; not all tests that reach it were run: {counts['survived some']}"
    )
    say(f"    drawn and not tried for want of time: {counts['not tried']}")
    for reason, count in without_effect.items():
        say(f"    left out, {count}: {reason}")
    for key, outcome in sorted(outcomes.items()):
        if outcome in {"survived", "survived some", "not reached"}:
            say(f"  {outcome}: {key}\n{changes[key]}")
    return noticed >= asked.at_least * n_tried


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one function: the file, and the lines that differ before and after."""

    path: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def __str__(self) -> str:
        """Return the lines that differ."""
        return "\n".join(f"      {sign} {line}" for sign, part in zip("-+", self.texts(), strict=True) for line in part)

    def texts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the lines before and after."""
        return self.before, self.after


def possible_changes(source: str, before: Path) -> tuple[dict[str, Change], Counter[str]]:
    """Make the changes of a package; return them by their names, and how many are left out by each rule.

    Those of a file that is what it was in the copy ``before`` are taken from there.
    """
    from mutmut.__main__ import collect_source_file_mutation_data, create_mutants
    from mutmut.mutation.data import MutantLineSpans
    from mutmut.mutation.trampoline import set_mutant_under_test
    from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths

    set_mutant_under_test("mutant_generation")
    copy_src_dir()
    copy_also_copy_files()
    for path in files_of(Path(), source):
        made = [Path("mutants") / f"{path}{ending}" for ending in ("", ".meta", ".spans")]
        if same(before, Path(), path) and all((before / each).exists() for each in made):
            for each in made:
                shutil.copy(before / each, each)  # now it is newer than its source: mutmut takes it as it is
    setup_source_paths()
    create_mutants(1)
    changes: dict[str, Change] = {}
    without_effect: Counter[str] = Counter(dict.fromkeys(WITHOUT_EFFECT, 0))
    for path, data in collect_source_file_mutation_data(mutant_names=())[1].items():
        index = MutantLineSpans.load(path)
        lines = (Path("mutants") / path).read_text(encoding="utf-8").split("\n")
        for key in data.exit_code_by_key:
            function = key.rpartition(".")[2]
            names = (f"{function.partition('__mutmut_')[0]}__mutmut_orig", function)
            spans = [index.span_by_function_name[each] for each in names]
            texts = ([re.sub(r"__mutmut_\w+", "", line) for line in lines[s.start - 1 : s.end]] for s in spans)
            old, new = differing(*texts)
            change = Change(path=path, before=old, after=new)
            if rule := rule_without_effect(change):
                without_effect[rule] += 1
            else:
                changes[key] = change
    return changes, without_effect


def differing(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is left of two lists of lines without what they have in common at both ends."""
    start, end = 0, 0
    shorter = min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return tuple(before[start : len(before) - end]), tuple(after[start : len(after) - end])


def rule_without_effect(change: Change) -> str | None:
    """Return the rule by which a change makes no difference, or None."""
    for rule, pattern in WITHOUT_EFFECT.items():
        texts = {re.sub(r",?\s*(?=\))", "", re.sub(pattern, "", "\n".join(part))) for part in change.texts()}
        if len(texts) == 1 and change.before:
            return rule
    return None


def copied(name: str, asked: argparse.Namespace) -> Path:
    """Copy the project, with the settings of mutmut for a package, and return the folder."""
    source = PACKAGES[name][0]
    folder, before = WORK / name, WORK / f"{name}.before"
    shutil.rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.rename(before)
    left_out = shutil.ignore_patterns(".git", ".venv*", "build", "dist", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, folder, ignore=left_out)
    settings = {
        "source_paths": [f"{source}/"],
        "only_mutate": [f"{source}/*{word}*" for word in asked.only.split()],
        "also_copy": sorted(path.name for path in folder.iterdir() if path.name not in {"pyproject.toml", "mutants"}),
        "use_git_change_detection": False,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    project = folder / "pyproject.toml"
    text = project.read_text(encoding="utf-8").replace("--doctest-modules", "-p no:doctest")
    project.write_text(f"{text}\n[tool.mutmut]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    if known := what_still_holds(before, folder, source):
        (folder / REACH).write_text(json.dumps(known))
    return folder


def what_still_holds(before: Path, folder: Path, source: str) -> dict[str, dict[str, Any]] | None:
    """Return which functions each test reaches, as it was found last time, for the tests whose file is what it was.

    None where the package is another, or what tests share.
    """
    if not (before / REACH).exists() or not all(same(before, folder, path) for path in files_of(folder, source)):
        return None
    tests = {path: same(before, folder, path) for path in files_of(folder, "tests")}
    if not all(is_same or Path(path).name.startswith("test_") for path, is_same in tests.items()):
        return None
    known: dict[str, dict[str, Any]] = json.loads((before / REACH).read_text())
    return {
        part: {test: value for test, value in values.items() if tests.get(test.partition("::")[0])}
        for part, values in known.items()
    }


def files_of(folder: Path, part: str) -> list[str]:
    """Return the Python files of a part of the project, as paths in its folder."""
    return [path.relative_to(folder).as_posix() for path in sorted((folder / part).rglob("*.py"))]


def same(before: Path, folder: Path, path: str) -> bool:
    """Return whether a file is what it was in the copy before."""
    return (before / path).is_file() and (before / path).read_bytes() == (folder / path).read_bytes()


def wilson_interval(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, 1927)."""
    if not of:
        return 0.0, 1.0
    z = 1.959964
    share, weight = hits / of, z * z / of
    middle, half = share + weight / 2, z * sqrt(share * (1 - share) / of + weight / (4 * of))
    return (middle - half) / (1 + weight), (middle + half) / (1 + weight)


if __name__ == "__main__":
    main()
