"""Who watches versions on trial: it compares them with what is live, and moves them on or takes them back.

`watch` does it for every model: `sums` reads what CloudWatch added up, `verdict` judges it.
"""
