"""Custody notices as services like VINE send them, by mail or text."""
