"""Values and pure functions: no framework, no database, no files, no clock, no randomness."""
