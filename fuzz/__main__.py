"""``python -m fuzz``: throw bytes at the readers for as long as told, guided by the code they reach.

    python -m fuzz FOLDER -max_total_time=600

The fuzzer is atheris (libFuzzer), and options are libFuzzer's.
FOLDER keeps the inputs that reached something new; it is filled at first with the samples of docs/formats.md. The first
byte of an input chooses the ending of the file or what the rest is wrapped into, the second the form and whether the
result is segmented too. A finding is any exception but the library's own refusal, a refusal of several lines, slices
that do not hold, or an input that takes more than 20 seconds or 3 GB; the input is kept as crash-*, timeout-* or oom-*.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lbc_themes.reading", "lbc_themes.segmenting"]):
    from fuzz.seeds import write_seeds, write_words
    from fuzz.target import one_input

LIMITS = ("-timeout=20", "-rss_limit_mb=3000", "-max_len=6000", "-len_control=20")


def main() -> None:
    """Fill the folder of inputs and hand over to libFuzzer."""
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("give a folder for the inputs: python -m fuzz build/fuzz -max_total_time=600")
    folder = Path(sys.argv[1])
    write_seeds(folder / "inputs")
    words = write_words(folder / "words.dict")
    places = (str(folder / "inputs"), f"-artifact_prefix={folder}/", f"-dict={words}")
    arguments = [sys.argv[0], *places, *LIMITS, *sys.argv[2:]]
    atheris.Setup(arguments, one_input)
    atheris.Fuzz()


main()
