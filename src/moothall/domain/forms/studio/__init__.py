"""The form studio: forms written at the desk, change by change."""
