"""Customers from a file: read, tried, brought in, and undone (PPP-17, ACC-6)."""
