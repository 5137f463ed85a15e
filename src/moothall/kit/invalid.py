"""The error every identifier of the kit raises."""


class Invalid(ValueError):
    """A value a person gave cannot be what it should be. Its message is a sentence they can act on."""
