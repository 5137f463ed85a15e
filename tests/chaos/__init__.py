"""Workers, web servers and PostgreSQL killed for real at random moments, while the national service misbehaves.

`python -m tests.chaos --minutes 10 --seed 7` makes it as long as wanted; `make test` makes a short one.
"""
