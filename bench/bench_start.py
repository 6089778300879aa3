"""How long until `costper --help` answers, beside a bare interpreter in the same run?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.measure import Figure, median_ms, report

COSTPER = Path(sys.executable).with_name("costper")


def main() -> int:
    """Measure both and print them."""
    bare = median_ms(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
    helped = median_ms(
        lambda: subprocess.run([COSTPER, "--help"], check=True, stdout=subprocess.DEVNULL)
    )
    print(f"a bare interpreter: {bare:.0f} ms; costper --help: {helped / bare:.1f} x that")
    return report(Figure(name="costper --help, median", value=helped, bound=150, unit="ms"))


if __name__ == "__main__":
    sys.exit(main())
