"""`moothall demo`: Blue Badge applications from the national service to an ordered badge, on a database of its own."""

AUTHORITY = "MANC"
"""The issuing authority whose applications the sandbox gives to the example council."""
