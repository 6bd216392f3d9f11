"""HTTP and the command line: two faces of the same door."""
