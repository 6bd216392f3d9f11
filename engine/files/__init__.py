"""What people hand in as files, and what is shipped as files: read with care, refused with the wrong place."""
