"""Why a supply is refused whole."""


class SupplyRefused(Exception):
    """The supply cannot be applied, and nothing was changed. Its message may be shown to whoever gave it."""
