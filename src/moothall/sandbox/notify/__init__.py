"""A stand-in for GOV.UK Notify: messages of templates, its limits, statuses and receipts. Delivered to nobody."""
