"""What is done beside the route at any time: questions, files, the startup, who may read."""
