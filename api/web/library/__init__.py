"""Cases to copy and the glossary."""
