"""Invented people, places and calls, of any amount. The same seed and the same moment give the same data."""
