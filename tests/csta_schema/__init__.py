"""A structural check of CSTA XML that needs nothing but this folder: element order, counts, values, choices."""
