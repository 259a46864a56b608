"""The pages of pools: who runs what, how hard the schools are pressed, limits, hours."""
