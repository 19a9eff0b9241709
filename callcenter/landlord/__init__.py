"""What landlords read of the desk’s nights: it tells calls, so it lives here and not with their other pages."""
