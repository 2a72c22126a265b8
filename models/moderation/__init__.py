"""Moderation: hate, offensive or benign, in English."""
