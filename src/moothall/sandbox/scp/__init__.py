"""A stand-in for the Secure Card Portal, simple client: invoke, query and version by SOAP, and its payment page."""
