"""How values look: dates, numbers, charts, words, glossary terms."""
