"""The officer's desk: the pages on which the council's staff work."""
