"""Vector tiles of a region: its streets and outlines in one MBTiles file, drawn, written, checked and read."""
