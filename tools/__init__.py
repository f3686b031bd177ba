"""What keeps the project honest: our own lint rules, and the documents that are made from the code."""
