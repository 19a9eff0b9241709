"""The landlords’ door: their own estate, what is followed and what it adds up to."""
