"""Street problems: potholes, lights, rubbish and the like, reported by anybody who sees them."""
