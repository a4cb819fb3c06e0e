"""Who is told of each conversation once it is written: at least once, over HTTP."""
