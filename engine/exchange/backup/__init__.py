"""A whole city in one file: `archive` is its shape, `backup` takes it and brings it back."""
