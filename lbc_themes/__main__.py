"""The command line as ``python -m lbc_themes``, for systems where scripts are not on the path."""

from lbc_themes.cli import main

if __name__ == "__main__":
    main()
