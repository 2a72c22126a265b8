"""IT ticket triage in three tiers, from a knowledge base."""
