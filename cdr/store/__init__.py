"""The one place that knows a database: tables, what a record is in them, transactions, and what goes wrong there."""
