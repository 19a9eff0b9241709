"""What a landlord's own software reads of its estate: the same fields as its managers' pages, and no name."""
