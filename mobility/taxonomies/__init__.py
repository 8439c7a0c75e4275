"""Countries, regions, languages, topics, towns, holidays: the lists the scheme shares."""
