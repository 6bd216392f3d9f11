"""One function for each thing a person can do; JSON and pages put it into their own words."""
