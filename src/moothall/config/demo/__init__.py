"""`moothall demo`: Blue Badge applications from the national service to an ordered badge, on a database of its own."""
