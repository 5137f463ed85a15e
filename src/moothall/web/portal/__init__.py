"""The citizens' side: what the council offers, an account, one's own requests. It knows nobody of the desk, nor they it."""
