"""Knowledge bases: `read` a file of a user's, build a model version of it."""
