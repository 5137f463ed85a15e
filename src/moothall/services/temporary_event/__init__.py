"""Temporary event notices: alcohol, entertainment or late food and drink at a place for a few days."""
