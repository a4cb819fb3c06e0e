"""Reports over the records: what was offered, answered, abandoned, how fast, and who was busy with what."""
