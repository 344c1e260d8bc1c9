"""The parts of building the encoder model."""
