"""GOV.UK One Login: citizens sign in by OpenID Connect, and prove who they are. API: https://docs.sign-in.service.gov.uk"""
