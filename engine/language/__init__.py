"""Words for people, in Japanese and English."""
