"""A stand-in for GOV.UK Pay: the public API of the service, its card pages and its webhooks."""
