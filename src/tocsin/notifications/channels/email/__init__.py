"""The e-mail channel: one mail through the customer's own mail server."""
