"""What engine, verbs and pages ask of the database about quotas: SQL, no rules."""
