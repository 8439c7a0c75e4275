"""The command line: solve, check and generate. Run `python -m matching --help`."""

from time import monotonic, process_time

# Start-up is all computing: the CPU time used so far is the time since the process began.
STARTED = monotonic() - process_time()

import sys  # noqa: E402

from matching.commands import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], STARTED))
