"""Why a supply is refused whole."""


class SupplyRefused(Exception):
    """The supply cannot be applied, and nothing was changed. Its message may be shown to whoever gave it."""


class NotNow(SupplyRefused):
    """It waits as it is, and may be put in force later."""
