"""People, absences and the approval policy."""
