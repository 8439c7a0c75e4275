"""Writes files whole or not at all."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Put content under a name in one step, so that no reader and no crash ever sees half of it."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        # A device or a pipe has to be written to, not replaced.
        path.write_bytes(content)
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
