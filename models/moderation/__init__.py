"""Moderation: is an English text hate, merely offensive, or benign?"""
