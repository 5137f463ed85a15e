"""The engine of citizen forms: definitions in, pages and answers out; drafts, submissions and their delivery."""
