"""Measurements: `moothall bench <name>`. Each prints what an operation was and, last, one JSON object of figures."""
