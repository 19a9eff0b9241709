"""`make bench`: what the product does, beside the plainest thing that could do the same, in one run."""
