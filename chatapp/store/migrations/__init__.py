"""How a database file gets the tables of `schema.py`: one numbered step per release that changes them."""
