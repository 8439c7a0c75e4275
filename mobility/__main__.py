"""`python -m mobility serve` and `python -m mobility demo`: what `make run` and `make demo` start."""

import sys

from mobility.serve import serve


def demo() -> int:
    """Fill an empty site with the samples, run the thread, and serve it."""
    from mobility.demo.run import main  # noqa: PLC0415

    return main()


COMMANDS = {"serve": serve, "demo": demo}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"Usage: python -m mobility {'|'.join(COMMANDS)}")
    sys.exit(COMMANDS[sys.argv[1]]())
