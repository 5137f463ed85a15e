"""Look-ups of forms: other systems asked while somebody fills one in (FRM-6)."""

KEY = "form_lookups"

NAME = "Look-ups of forms"
