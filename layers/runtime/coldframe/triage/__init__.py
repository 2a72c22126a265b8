"""Tickets in three tiers: text → embedding and words → evidence → category, known problem, verdict → answer.

`document` is what is known, `vectors` how texts of it are found again, `heads` what was learned of it,
`evidence` what they say of one text, `tiers` what is answered, `model` the predictor of all that,
`opening` how it is made of files.
"""
