"""Machines and notices that report, a folder each; they do not know each other."""
