"""`python -m moothall` is the command `moothall`."""

from moothall.config.cli import main

main()
