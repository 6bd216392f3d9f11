"""Files that come in and go out: organisation, documents, initiatives, exports, backups.

Reads what people really send and names file, row and column; must not know HTTP.
"""
