"""Who may come in and who decides: documents and changes that wait, accounts, tokens, absences, the first run."""
