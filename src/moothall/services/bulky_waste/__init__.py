"""Bulky waste: large things collected from home on a day the resident chooses, for a fee."""
