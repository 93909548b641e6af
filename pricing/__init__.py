"""
Prices: what a place could charge, and why.

Importing the package loads nothing. Its doors are its modules without an underscore, each loaded by whoever needs it:

==========================================  ==========================================================================
`pricing.model`, `pricing.reading`          a market and its rules; read from JSON or tables, refused with every problem
`pricing.workshops`                         the bundled market, simulated
`pricing.estimation`                        demand from records, or why they cannot tell it
`pricing.plan`, `pricing.proposal`          a proposal of prices, with reasons, a bound and what each rule costs
`pricing.packing`                           prices as a packing problem for samplers, and what its variables mean
`pricing.objectives`, `pricing.what_if`     other aims than revenue; sales of one product at other prices
`pricing.simulation`, `pricing.policies`    ways of setting prices, tested on simulated customers
`pricing.backtest`, `pricing.price_test`    the past foretold and replayed; a price test to run
`pricing.violations`, `pricing.rule_words`  a second look at the rules of a plan; rules in words
`pricing.passes`, `pricing.pass_model`      a pass over several operators: its price, and how to share what it brings
`pricing.itineraries`                       what a full slot is worth to trips that pass through it
`pricing.errors`                            what is refused besides bad input
==========================================  ==========================================================================
"""
