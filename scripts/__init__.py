"""Small programs of the Makefile; none of them knows the spiral."""
