"""GOV.UK Notify: e-mails, text messages and letters by the government's service. Contract: its published API."""

KEY = "govuk_notify"
"""The key of this connector on the integration queue."""

NAME = "GOV.UK Notify"
