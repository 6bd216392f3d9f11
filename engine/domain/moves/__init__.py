"""What people may do with a cycle: a file for each move."""
