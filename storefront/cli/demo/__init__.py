"""The demo chain: its people, goods, words, pictures and 90 days of trade, from one seed.

Nothing here touches the database or the clock: `chain.make_chain` gives the people and goods,
`pictures` draws them, `trade.plan_trade` says what happens when, and the `demo` command plays
that through the program's own services.
"""
