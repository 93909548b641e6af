"""Streets: networks from OSM and edge layers, travel times, geometry."""
