"""The changes, one a file: permission, then rules, then one write with its audit event."""
