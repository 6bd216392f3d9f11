"""How an office comes to a decision: times, rounds, stages."""
