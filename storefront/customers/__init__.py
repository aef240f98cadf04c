"""The people who buy, and the browsers they come with."""
