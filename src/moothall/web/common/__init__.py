"""What the API and the desk decide alike."""
