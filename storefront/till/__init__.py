"""Sales and returns that a store's till tells of.

They stand beside `sales.py`, whose story they share, because a till's story is another one: nothing
is placed, paid by a gateway or handed over later. The till says that all of it has happened, at
prices of its own, and it may say so long afterwards, or twice. From the verdict on, the way is the
same as an online sale's.

Stock is not touched: the till's own system counts what leaves the shop floor, and its counts come
by `flask import stock`.
"""
