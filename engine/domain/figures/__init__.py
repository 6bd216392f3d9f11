"""What a dashboard says, as functions over rows of the past (docs/field/measuring.md). No table, no clock."""
