"""PostgreSQL and the broker on one machine, from wheels, for demonstrations and tests."""
