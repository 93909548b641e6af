/** What a map shows at first: a box around it, and how far from the edges it stays. */

const NARROW_PX = 560;

/** Return the box around the days that are shown, else around all places, else of the region: [[west, south], [east, north]]. */
export function boxOf({ days, shown, assets, region }) {
  const inPlan = days.flatMap((day, index) => (shown.has(index) ? day.steps.flatMap(pointsOf) : []));
  const points = inPlan.length ? inPlan : assets.filter((asset) => asset.geometry).map((asset) => asset.geometry.coordinates);
  if (!points.length) return region?.bbox ? [region.bbox.slice(0, 2), region.bbox.slice(2)] : null;
  const [lons, lats] = [0, 1].map((axis) => points.map((point) => point[axis]));
  const least = (values) => values.reduce((one, other) => Math.min(one, other));
  const most = (values) => values.reduce((one, other) => Math.max(one, other));
  return [[least(lons), least(lats)], [most(lons), most(lats)]];
}

const pointsOf = ({ geometry, lon, lat }) => geometry ?? (lon === null ? [] : [[lon, lat]]);

/** Return how much room names and controls need, in pixels. */
export function paddingOf(stage) {
  if (stage.clientWidth < NARROW_PX) return { top: 28, bottom: 40, left: 28, right: 56 };
  return { top: 44, bottom: 56, left: 70, right: 110 };
}
