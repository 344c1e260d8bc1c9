"""Coverage-guided fuzzing of the readers; not part of the tests. See ``make fuzz``."""
