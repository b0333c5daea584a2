"""Tests of THE DOOR: tokens, spool, doorbell and gate."""
