"""Stand-ins for outside systems: real servers that hold the published contracts to the letter."""
