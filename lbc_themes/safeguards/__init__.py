"""What protects those who speak: pseudonyms for people and places, and words of distress for a person to look at."""
