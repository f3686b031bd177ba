"""The rules of accountability, one file per stage; each ends in the table that `decide` reads."""
