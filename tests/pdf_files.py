"""Small PDF files for tests: pages of Chinese lines at given places, in a font that every reader knows by name."""

from collections.abc import Sequence

Placed = tuple[float, float, float, str]
"""Left, height above the foot of the page, size, words."""

WIDTH, HEIGHT = 420, 595


def pdf(*pages: Sequence[Placed], trailer: bytes = b"", picture: bool = False) -> bytes:
    """Return a PDF of A5 pages; ``trailer`` is put into its trailer, ``picture`` puts a grey square on each page."""
    count = len(pages)
    kids = b" ".join(b"%d 0 R" % (8 + 2 * number) for number in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % count,
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 5 0 R "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 -200 1000 900] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >>",
        _stream(
            b"\x80", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 "
        ),
        b"<< /Filter /Standard /V 1 /R 2 /O (" + b"o" * 32 + b") /U (" + b"u" * 32 + b") /P -4 >>",
    ]
    for number, lines in enumerate(pages):
        drawn = b"".join(b"BT /F1 %g Tf %g %g Td <%s> Tj ET\n" % (s, x, y, _hex(words)) for x, y, s, words in lines)
        resources = b"/Resources << /Font << /F1 3 0 R >> /XObject << /I1 6 0 R >> >>"
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] %s /Contents %d 0 R >>"
            % (WIDTH, HEIGHT, resources, 9 + 2 * number)
        )
        objects.append(_stream(drawn + b"q 200 0 0 200 60 60 cm /I1 Do Q\n" * picture))
    return _file(objects, trailer)


def _hex(words: str) -> bytes:
    return words.encode("utf-16-be").hex().encode()


def _stream(data: bytes, facts: bytes = b"") -> bytes:
    return b"<< " + facts + b"/Length %d >>\nstream\n" % len(data) + data + b"\nendstream"


def _file(objects: Sequence[bytes], trailer: bytes) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, len(out))
    return out + head + table + end


def column(*lines: str, top: float = 520, left: float = 60, size: float = 12, leading: float = 18) -> list[Placed]:
    """Return lines set under one another; a line that begins with a full-width blank is set in by its width."""
    placed = []
    for number, line in enumerate(lines):
        words = line.lstrip("\u3000")
        placed.append((left + size * (len(line) - len(words)), top - number * leading, size, words))
    return placed
