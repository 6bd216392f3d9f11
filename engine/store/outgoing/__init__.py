"""What leaves the house: webhooks and what is on its way to them."""
