"""Forms delivered to other systems: a signed call to an address of theirs, or a file where they look (FRM-8)."""
