"""Containers: what a file is on disk, and the text and tables inside it."""
