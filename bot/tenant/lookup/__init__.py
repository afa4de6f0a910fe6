"""People and PCs that the help desk names, with all that decides for a PC."""
