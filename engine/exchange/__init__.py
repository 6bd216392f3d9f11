"""What comes in and goes out as files. Must not know a page or the engine of workflows."""
