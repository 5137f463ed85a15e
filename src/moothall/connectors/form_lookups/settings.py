"""Where the systems are that look-ups of forms ask, and what opens them."""

from pydantic import Field, SecretStr

from moothall.core.council.settings import Section


class FormLookups(Section):
    """The systems look-ups may ask. Only what stands here is ever called.

    Each entry of `systems` is a name that look-ups use, a space, and the address their paths come after. `secrets` has an
    entry for each system that wants one: its name, the header it goes in, and what it holds, divided by spaces; entries are
    divided by new lines. `internal_hosts` may be in the council's own network, and be called without encryption; no other may.
    """

    section = "form_lookups"
    systems: list[str] = []
    secrets: SecretStr = SecretStr("")
    internal_hosts: list[str] = []
    timeout_seconds: float = Field(default=3.0, gt=0, le=10)  # of a whole answer, while somebody waits
    most_kilobytes: int = Field(default=256, ge=1, le=4096)  # of one answer

    @property
    def addresses(self) -> dict[str, str]:
        """The systems by their names."""
        pairs = (one.strip().partition(" ") for one in self.systems)
        return {name: address.strip().rstrip("/") for name, _space, address in pairs if address.strip()}

    def header(self, system: str) -> dict[str, str]:
        """What opens a system; nothing where it needs nothing."""
        for line in self.secrets.get_secret_value().splitlines():
            parts = line.split(None, 2)
            if len(parts) == 3 and parts[0] == system:
                return {parts[1]: parts[2].strip()}
        return {}
