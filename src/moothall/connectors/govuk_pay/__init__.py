"""GOV.UK Pay: card payments on the government's own pages. Contract: its published API and technical documentation."""

KEY = "govuk_pay"
"""The key of this connector on the integration queue, and of this way to pay."""

NAME = "GOV.UK Pay"
