"""REFI-QDA, the exchange format of NVivo, ATLAS.ti, MAXQDA, QualCoder and Taguette: projects and codebooks."""

from lbc_themes.exchange.refi_qda.project import read_qdpx, write_qdpx
from lbc_themes.exchange.refi_qda.write import write_qdc

__all__ = ["read_qdpx", "write_qdc", "write_qdpx"]
