"""`coldframe kb`: a knowledge base of a user's, checked, built into a model, made from public rows."""
