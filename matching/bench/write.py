"""Writes one instance to a file: `python -m matching.bench.write SIZE KIND SEED FILE`."""

import json
import sys
from pathlib import Path

from matching.bench.instances import Instance
from matching.files import write_whole


def main(size: str, kind: str, seed: str, path: str) -> None:
    """Generate the instance and write it."""
    problem = Instance(size, kind, int(seed)).make()
    write_whole(Path(path), json.dumps(problem.to_json()).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
