"""The permanent record in SQL: the journal, the tables made from it, the directory, and who reads them."""
