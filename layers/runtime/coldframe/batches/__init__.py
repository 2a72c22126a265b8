"""Batch jobs over HTTP: a form to upload a CSV with, and what has become of it.

request (model, file name, column) → marker (whose job, in S3) + upload form → the inbox → the CSV pipeline
                                     marker → file → progress, report → state, links to what came of it

No database: the marker is the only thing that is written here. All else is what the pipeline keeps in S3.
"""
