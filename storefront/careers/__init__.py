"""The story of an employment: moved store, on leave, back, left. Shown before it is done, and
undone within a week, with all that hangs on it: shop, links, customers.
"""
