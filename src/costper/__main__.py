"""`python -m costper` is the same as `costper`."""

import sys

from costper.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
