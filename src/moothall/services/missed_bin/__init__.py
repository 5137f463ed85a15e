"""Missed bins, reported by residents and collected again by the crews."""
