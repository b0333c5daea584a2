"""The text-message channel: any gateway that takes an HTTP request."""
