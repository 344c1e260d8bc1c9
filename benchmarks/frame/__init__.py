"""What every benchmark shares: declared data, stamped results, tables made from them."""
