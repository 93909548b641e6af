/** What the trip desk knows of a region's visitor. It outlives the desk: whoever comes back finds everything as it was. */

import { all, get } from "../core/api.js";
import { today } from "../core/texts.js";
import { newForm } from "./request.js";

const sessions = new Map();

/** Return what is known for a region; `changed` tells the desk that shows it, if any. */
export function sessionOf(region) {
  const session = sessions.get(region.id) ?? begin(region);
  session.region = region;
  return session;
}

function begin(region) {
  const session = {
    region,
    // The visitor's own zone is the best guess until the region has told its own.
    form: newForm(today(undefined)),
    // Until the user says when or where, it is what most would: known once the places and the zone are.
    isPreset: true,
    assets: new Map(), tags: new Map(), zone: null, assetsVersion: null, assetsFault: null, reading: null,
    job: null, isRunning: false, isReopening: false, asked: null, foreign: null, comeForward: null, watch: null, fault: null, flaws: new Map(), isStopping: false,
    sent: null, language: null, shown: null, unmet: null, alternative: null, shownDays: new Set(),
    selected: null, point: null, history: [], tab: "request", openFolds: new Set(["interests"]),
    changed() {},
  };
  sessions.set(region.id, session);
  return session;
}

/** Read a region's places and words, unless they are known as they are now. */
export function readAssets(session) {
  const { region } = session;
  if (session.assetsVersion === region.data_version) return Promise.resolve();
  const path = `v1/regions/${encodeURIComponent(region.id)}`;
  session.reading ??= Promise.all([all(`${path}/collections/assets/items?limit=1000`), get(`${path}/vocabulary`)])
    .then(([features, words]) => {
      session.assets = new Map(features.map((feature) => [feature.id, feature]));
      session.tags = new Map(Object.entries({ ...words.tags, ...words.themes }));
      session.zone = words.time_zone;
      session.assetsVersion = region.data_version;
      session.assetsFault = null;
      preset(session);
    })
    .catch((error) => { session.assetsFault = error; })
    .finally(() => {
      session.reading = null;
      session.changed();
    });
  return session.reading;
}

function preset(session) {
  if (!session.isPreset) return;
  session.form = newForm(today(session.zone), mainHub([...session.assets.values()]));
}

/** Return where most visitors arrive: the best known station, among equals the one nearest to everything else. */
function mainHub(features) {
  const placed = features.filter((feature) => feature.geometry);
  const hubs = placed.filter(({ properties }) => properties.kind === "hub");
  const stations = hubs.filter(({ properties }) => properties.tags.includes("station"));
  const [lon, lat] = [0, 1].map((axis) => mean(placed.map(({ geometry }) => geometry.coordinates[axis])));
  const away = ({ geometry }) => (geometry.coordinates[0] - lon) ** 2 + (geometry.coordinates[1] - lat) ** 2;
  const best = (stations.length ? stations : hubs).toSorted(
    (left, right) => right.properties.appeal - left.properties.appeal || away(left) - away(right),
  )[0];
  return best ? { asset: best.id } : null;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / (values.length || 1);

/** Begin anew with the same region: the plan is kept by the server, the form is as at first. */
export function startOver(session) {
  session.watch?.abort();
  const { changed, assets, tags, zone, assetsVersion } = session;
  sessions.delete(session.region.id);
  const fresh = Object.assign(begin(session.region), { changed, assets, tags, zone, assetsVersion });
  if (zone) preset(fresh);
  return fresh;
}
