"""The rules of the trade, one file per stage; each ends with the table of its commands."""
