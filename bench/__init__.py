"""Side by side with bare Temporal, in one run: `make bench`."""
