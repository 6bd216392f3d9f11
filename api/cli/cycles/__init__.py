"""What a person does with cycles."""
