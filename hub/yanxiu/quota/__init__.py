"""School pools: what each organization is sure of, how much it may use, and who is next in line.

``engine`` is what the hub asks; ``rules`` judge; ``records_engine`` keeps places in the records
database. docs/explanation/quotas.md says it in words.
"""
