"""One file a question; data sets as declared facts; results as data. See docs/benchmarks.md."""
