"""What every request and answer shares, whatever it is about."""
