"""What is asked about the whole city: the roadmap and its editions, and the question behind every figure."""
