"""Spreading what worked: the case library, offers and their answers, adoptions."""
