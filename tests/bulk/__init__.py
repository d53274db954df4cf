"""Many cases as FHIR: a clinic of any size, and what its export takes (`make bulk`)."""
