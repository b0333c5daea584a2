"""The Web Push channel: a browser that a person subscribed on her own device."""
