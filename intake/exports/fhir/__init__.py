"""Records and rule packs as FHIR R4 (4.0.1), the way other systems read them."""
