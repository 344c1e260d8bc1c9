"""What everything else stands on: records, the study log, errors, messages, serialisation."""
