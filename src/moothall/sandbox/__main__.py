"""`python -m moothall.sandbox`."""

import sys

from moothall.sandbox.main import run

sys.exit(run(sys.argv[1:]))
