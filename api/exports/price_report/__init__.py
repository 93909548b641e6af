"""A price plan as pictures, a table for spreadsheets, and one page that opens from disk."""
