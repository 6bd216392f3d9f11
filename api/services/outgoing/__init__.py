"""What goes out by itself: notices to people, webhooks to other systems."""
