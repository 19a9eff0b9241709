"""The tenants' door, /portail/: French or English, on a phone, with or without account, with or without JavaScript."""
