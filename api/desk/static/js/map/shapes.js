/** GeoJSON. */

export const feature = (geometry, properties = {}) => ({ type: "Feature", geometry, properties });
export const collection = (features = []) => ({ type: "FeatureCollection", features });
export const line = (coordinates, properties) => feature({ type: "LineString", coordinates }, properties);
export const lines = (coordinates, properties) => feature({ type: "MultiLineString", coordinates }, properties);
export const point = (coordinates, properties) => feature({ type: "Point", coordinates }, properties);
