"""Bridges to other tools; each loads what it needs when it is used."""
