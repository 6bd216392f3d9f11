"""What surrounds every page: navigation, session, errors, display settings, live parts."""
