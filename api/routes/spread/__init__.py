"""Cases, offers and adoptions."""
