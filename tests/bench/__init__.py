"""`make bench`: what the hot requests cost, as a fraction of a bare Flask view's.

`server` runs gunicorn, `load` is the client, `chain` what there is to buy, `scenarios` what is
asked for, `measuring` the rounds, `report` what is told of them. `budget` is another matter: what
a page costs the phone that opens it.
"""
