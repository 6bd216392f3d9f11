"""What becomes of a review: decisions, what is sent back or taken back, deadlines, and what nobody attends to."""
