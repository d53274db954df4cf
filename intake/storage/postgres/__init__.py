"""The clinic on a PostgreSQL server, which several computers may work with at once.

Nothing outside imports from here but `intake.storage.opening`, so that a clinic in a file needs no
driver for a server.
"""
