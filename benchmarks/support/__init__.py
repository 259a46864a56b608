"""What benchmarks share: both sides' servers, a browser without a screen, and the stop-watch."""
