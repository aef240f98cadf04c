"""The catalogue as CSV files: each taken in wholly or not at all, and given out alike.

An absent optional column leaves values alone, an empty cell empties. What a file does not mention
stays as it is. Taking the same file in again changes nothing.
"""
