"""``ultra cdr``: the call records from the command line. Reads the database; only ``rebuild`` and ``upgrade`` write."""
