"""The year of the story, part by part: what is due on a day is found by the state of the records."""
