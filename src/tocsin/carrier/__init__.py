"""THE SANDBOX CARRIER: a text gateway and a mail server that keep everything, for the demo."""
