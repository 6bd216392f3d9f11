"""What a dashboard says, as pure functions over rows of the past (field.md 5.9). Knows no table and no clock."""
