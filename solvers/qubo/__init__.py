"""Models for quantum annealers: grouped packing with pair rewards, its penalties with proof, samplers and decoding."""
