"""The database floor: a Django backend over PostgreSQL, its embedded server, roles and row-level rights."""
