"""The webhook channel: one signed POST to a machine of the customer's."""
