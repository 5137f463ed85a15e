"""`python -m tests.chaos --minutes 10 --seed 7`: a storm as long as wanted."""

import argparse
import random
import sys
from pathlib import Path

from tests.chaos import storm

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--keep", action="store_true", help="leave logs, documents and database behind")
    parser.add_argument(
        "--tables", type=Path, help="a dump of an empty, migrated database, loaded rather than migrating"
    )
    options = parser.parse_args()
    came = storm.run(seconds=60 * options.minutes, seed=options.seed, keep=options.keep, tables=options.tables)
    print(f"Seed {came.seed}: {came.kills} kills, {came.applications} applications, {came.badges} badges.")
    for sentence in came.faults:
        print(sentence)
    sys.exit(bool(came.faults))
