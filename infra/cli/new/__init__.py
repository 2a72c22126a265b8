"""`coldframe new` and `coldframe remove`: a user's own classifier, as an endpoint and a CSV path."""
