"""The pages as people see them: in a Chromium, served over HTTP, with and without JavaScript.

`places` is the one list of pages to look at; `visitor` somebody with a phone, who notices what a
browser complains of; `serving` the shop that is visited. On SQLite alone, and once.
"""
