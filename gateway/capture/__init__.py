"""The raw link kept in files with all that decides what is published, and played again (docs/capture.md)."""
