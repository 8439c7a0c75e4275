"""The words of a PDF, read back through the character maps of its fonts."""

import io
import re
from typing import Any

import pikepdf

PAIR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
TRIPLE = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")


def text_of(content: bytes) -> str:
    """All text of a PDF in the order in which it was drawn."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return "".join(_page(page) for page in pdf.pages)


def _page(page: Any) -> str:
    maps = {name: _map(font) for name, font in page.Resources.Font.items()}
    written, current = [], {}
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, instruction.operator
        if str(operator) == "Tf":
            current = maps[str(operands[0])]
        elif str(operator) == "Tj":
            written.append(_decoded(bytes(operands[0]), current))
        elif str(operator) == "TJ":
            parts = (part for part in operands[0] if isinstance(part, pikepdf.String))
            written.append("".join(_decoded(bytes(part), current) for part in parts))
        elif str(operator) in {"ET", "Tm", "Td"}:
            written.append(" ")
    return "".join(written)


def _map(font: Any) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    said = bytes(font.ToUnicode.read_bytes())
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", said, re.DOTALL):
        for code, text in PAIR.findall(block):
            found[bytes.fromhex(code.decode())] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", said, re.DOTALL):
        for first, last, text in TRIPLE.findall(block):
            start = int(text, 16)
            for number in range(int(first, 16), int(last, 16) + 1):
                code = number.to_bytes(len(first) // 2, "big")
                found[code] = chr(start + number - int(first, 16))
    return found


def _decoded(raw: bytes, current: dict[bytes, str]) -> str:
    return "".join(current.get(raw[at : at + 2], "") for at in range(0, len(raw), 2))
