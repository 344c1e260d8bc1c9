"""Find the themes of a study in a process of its own: ``python -m lbc_themes.study.find STUDY ENCODER [CACHE]``."""

import os
import sys
from pathlib import Path

from lbc_themes.core.errors import LbcError
from lbc_themes.encoding import load_encoder
from lbc_themes.study.found_themes import find_themes
from lbc_themes.study.study import Study


def main(path: str, encoder: str, cache: str = "") -> int:
    """Find and keep the themes, leaving the machine to others first; say in one line what goes wrong."""
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        with Study.open(path) as study:
            find_themes(study, load_encoder(encoder, Path(cache) if cache else None))
    except LbcError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
