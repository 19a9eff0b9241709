"""Accounting's pages of the admin site."""
