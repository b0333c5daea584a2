"""Whose badge was held to a reader?"""
