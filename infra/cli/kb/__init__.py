"""`coldframe kb`: a knowledge base of a user's, checked, built into a model version, made from public rows."""
