"""`python -m mobility serve` and `python -m mobility demo`: what `make run` and `make demo` start."""

import os
import sys

from mobility.demo.run import fill
from mobility.serve import serve


def demo() -> int:
    """Tell the demo's story on an empty site, and serve it unless `SERVE=0`."""
    return serve(fill, stays=os.environ.get("SERVE", "1") != "0")


COMMANDS = {"serve": serve, "demo": demo}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"Usage: python -m mobility {'|'.join(COMMANDS)}")
    sys.exit(COMMANDS[sys.argv[1]]())
