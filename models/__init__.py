"""How the models are made: one folder each, and forge, the tools that they share."""
