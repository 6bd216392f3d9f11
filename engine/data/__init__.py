"""The data that ships with the product: the sample city, the roadmap edition, and the sample's work."""
