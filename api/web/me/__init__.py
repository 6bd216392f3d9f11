"""A person's own pages: home, notices, absences."""
