"""Words and bytes of Chinese text: decoding, simplifying, cutting words, negation, fillers, safe containers."""
