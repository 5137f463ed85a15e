"""Other systems told of changes of golden records, by a signed call to an address of theirs (ACC-6)."""
