"use strict";
/* Shows the trip in #data: a list, and a map where WebGL works. All text enters by textContent, never as markup. */
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const LANGUAGES = ["ja", "en"];
  const shown = data.days.map(() => true);
  let language = data.language;
  let selected = null;

  /** Return the wording of a pair [ja, en] in the current language. */
  const say = (pair) => (pair ? pair[LANGUAGES.indexOf(language)] : "");
  const word = (key) => say(data.texts[key]);

  function element(tag, options = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(options)) {
      if (key === "class") node.className = value;
      else if (key === "text") node.textContent = value;
      else if (key === "day") node.style.setProperty("--day", `var(--day-${value % 7})`);
      else if (value !== null) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== ""));
    return node;
  }

  /* Icons: [path, …] on a 16 × 16 grid, drawn with round strokes. */
  const ICONS = {
    stay: ["M2 13V4", "M2 11h12v2", "M14 11V9a2 2 0 0 0-2-2H6v4", "M4 7.6h.1"],
    meal: ["M2 8h12a6 6 0 0 1-12 0z", "M6 14h4", "M9 6l4-4", "M6.5 6L11 1.500"],
  };
  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const attributes = { viewBox: "0 0 16 16", fill: "none", stroke: "currentColor", "aria-hidden": "true" };
    Object.assign(attributes, { "stroke-width": "1.8", "stroke-linecap": "round", "stroke-linejoin": "round" });
    for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
    for (const d of ICONS[name]) {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", d);
      svg.append(path);
    }
    return svg;
  }
  const badge = (step) => (step.type === "stay" ? icon("stay") : document.createTextNode(String(step.number)));

  /* ---- the list ---- */

  function renderHead() {
    document.documentElement.lang = language;
    document.title = `${say(data.title)} · ${say(data.dates)} — Meguri`;
    const languages = element("div", { class: "languages", role: "group", "aria-label": word("language") });
    for (const [code, label] of [["ja", "日本語"], ["en", "English"]]) {
      const button = element("button", { type: "button", lang: code, text: label, "aria-pressed": String(code === language) });
      button.addEventListener("click", () => { language = code; render(); });
      languages.append(button);
    }
    byId("head").replaceChildren(
      element("div", { class: "top" }, element("h1", { text: say(data.title) }), languages),
      element("p", { class: "dates", text: say(data.dates) }),
      element("p", { class: "status", text: say(data.status) }),
      data.notice ? element("p", { class: "notice", text: say(data.notice) }) : "",
    );
  }

  function renderChips() {
    byId("chips").setAttribute("aria-label", word("days"));
    byId("chips").replaceChildren(...data.days.map((day, index) => {
      const chip = element("button", { class: "chip", type: "button", day: index, text: say(day.title), "aria-pressed": String(shown[index]) });
      chip.addEventListener("click", () => { shown[index] = !shown[index]; renderChips(); renderDays(); refreshMap(); });
      return chip;
    }));
    byId("chips").hidden = data.days.length < 2;
  }

  function renderStep(day, step, position) {
    const isSpot = step.type !== "travel" && step.type !== "wait";
    const isLink = Boolean(map) && (isSpot ? step.at : step.line);
    const kind = isSpot ? "spot" : step.type === "travel" ? "move" : "wait";
    const ends = (position === 0 ? " first" : "") + (position === day.steps.length - 1 ? " last" : "");
    const row = element(isLink ? "button" : "div", { class: `step ${kind}`, day: day.index, type: isLink ? "button" : null });
    const rail = element("span", { class: "rail" });
    if (step.type === "end") rail.append(element("span", { class: "node end" }));
    else if (isSpot) rail.append(element("span", { class: "node" }, badge(step)));
    const what = element("div", { class: "what" });
    if (isSpot) {
      what.append(element("span", { class: "name", text: say(step.name) }));
      const beside = language === "en" && step.name[0] !== step.name[1] ? step.name[0] : "";
      if (beside) what.append(element("span", { class: "beside", lang: "ja", text: beside }));
      if (step.marks) what.append(element("span", { class: "mark", text: step.marks, title: word("assumed") }));
      what.append(element("div", { class: "facts" }, ...step.facts.map((fact) => element("span", { text: say(fact) }))));
    } else {
      what.append(say(step.travel));
    }
    row.append(element("span", { class: "time", text: step.time }), rail, what);
    if (isLink) row.addEventListener("click", () => select(step.id, { fly: true }));
    if (isLink && step.id === selected) row.setAttribute("aria-current", "true");
    row.dataset.step = step.id;
    return element("li", { class: (step.estimated ? "estimated" : "") + ends }, row);
  }

  function renderDays() {
    byId("days").replaceChildren(...data.days.filter((day) => shown[day.index]).map((day) => {
      const heading = element("h2", {}, element("b", { text: say(day.title) }), element("span", { text: say(day.date) }));
      const steps = element("ol", { class: "steps" }, ...day.steps.map((step, position) => renderStep(day, step, position)));
      return element("section", { class: "day", day: day.index }, heading,
        element("p", { class: "ends", text: say(day.ends) }), steps, element("p", { class: "totals", text: say(day.totals) }));
    }));
  }

  const bullets = (items) => element("ul", {}, ...items.map((item) => element("li", {}, ...[item].flat())));
  const quiet = (text) => element("div", { class: "quiet", text });

  function renderMore() {
    const parts = [];
    if (data.combinations.length || data.effect) {
      parts.push(element("h3", { text: word("combinations") }));
      parts.push(bullets([...data.combinations.map((made) => [say(made.what), quiet(say(made.why))]), ...(data.effect ? [say(data.effect)] : [])]));
    }
    if (data.assumed.length) {
      parts.push(element("details", { open: "" }, element("summary", { text: word("assumed") }), bullets(data.assumed.map(say).filter(Boolean))));
    }
    if (data.remarks.length) {
      parts.push(element("details", { open: "" }, element("summary", { text: word("remarks") }), bullets(data.remarks.map(say).filter(Boolean))));
    }
    if (data.excluded.length) {
      parts.push(element("details", {}, element("summary", { text: say(data.excludedTitle) }),
        bullets(data.excluded.map((group) => [say(group.why), quiet(say(group.names))]))));
    }
    byId("more").replaceChildren(...parts);
    byId("more").hidden = parts.length === 0;
    byId("foot").replaceChildren(...data.footer.map((line) => element("p", { text: say(line) })));
  }

  /* ---- the map ---- */

  const webglWorks = () => {
    try {
      const canvas = document.createElement("canvas");
      return Boolean(canvas.getContext("webgl2") || canvas.getContext("webgl"));
    } catch { return false; }
  };
  const KINDS = { culture: "#4477aa", craft: "#ee6677", food: "#228833", nature: "#66ccee", lodging: "#aa3377", event: "#ccbb44", hub: "#bbbbbb" };
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const steps = data.days.flatMap((day) => day.steps.map((step) => ({ ...step, day: day.index })));
  const collection = (features) => ({ type: "FeatureCollection", features });
  const feature = (geometry, properties) => ({ type: "Feature", geometry, properties });
  let map = null;
  let popup = null;
  let markers = [];

  function legs() {
    return collection(steps.filter((step) => step.line && shown[step.day]).map((step) =>
      feature({ type: "LineString", coordinates: step.line },
        { id: step.id, estimated: Boolean(step.estimated), color: css(`--day-${step.day % 7}`) })));
  }

  /** Undo the packing: whole numbers of 1e-5 degree, each as the difference to the one before. */
  function unpackStreets(packed) {
    return packed.map((line) => {
      const points = [];
      for (let i = 0, x = 0, y = 0; i < line.length; i += 2) {
        x += line[i]; y += line[i + 1];
        points.push([x / 1e5, y / 1e5]);
      }
      return points;
    });
  }

  function arrow() {
    const size = 24, canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const pen = canvas.getContext("2d");
    pen.lineWidth = 4; pen.lineCap = pen.lineJoin = "round"; pen.strokeStyle = "#fff";
    pen.beginPath(); pen.moveTo(8, 5); pen.lineTo(16, 12); pen.lineTo(8, 19); pen.stroke();
    return pen.getImageData(0, 0, size, size);
  }

  function style() {
    const empty = { type: "geojson", data: collection([]) };
    const streets = feature({ type: "MultiLineString", coordinates: unpackStreets(data.streets) }, {});
    const others = collection(data.others.map((place, index) => feature({ type: "Point", coordinates: place.at }, { index, kind: place.kind })));
    const round = { "line-cap": "round", "line-join": "round" };
    const width = (base) => ["interpolate", ["linear"], ["zoom"], 7, base * 0.7, 14, base * 1.4];
    return {
      version: 8,
      sources: {
        graticule: empty, legs: { type: "geojson", data: legs() }, chosen: empty,
        streets: { type: "geojson", data: streets, tolerance: 0.5 }, others: { type: "geojson", data: others },
      },
      layers: [
        { id: "land", type: "background", paint: { "background-color": css("--land") } },
        { id: "graticule", type: "line", source: "graticule", paint: { "line-color": css("--line"), "line-width": 1 } },
        { id: "streets", type: "line", source: "streets", layout: round,
          paint: { "line-color": css("--muted"), "line-opacity": 0.38, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.4, 13, 0.9, 17, 3] } },
        { id: "others", type: "circle", source: "others", paint: {
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 7, 2.5, 12, 4, 16, 6],
          "circle-color": ["match", ["get", "kind"], ...Object.entries(KINDS).flat(), "#bbbbbb"],
          "circle-opacity": 0.9, "circle-stroke-color": css("--land"), "circle-stroke-width": 1 } },
        { id: "chosen", type: "line", source: "chosen", layout: round, paint: { "line-color": ["get", "color"], "line-width": width(13), "line-opacity": 0.3 } },
        { id: "casing", type: "line", source: "legs", layout: round, filter: ["!", ["get", "estimated"]],
          paint: { "line-color": css("--raised"), "line-width": width(6) } },
        { id: "legs", type: "line", source: "legs", layout: round, filter: ["!", ["get", "estimated"]],
          paint: { "line-color": ["get", "color"], "line-width": width(3.6) } },
        { id: "estimated", type: "line", source: "legs", filter: ["get", "estimated"],
          paint: { "line-color": ["get", "color"], "line-width": width(2.8), "line-dasharray": [2.2, 1.6] } },
        { id: "arrows", type: "symbol", source: "legs", layout: {
          "symbol-placement": "line", "symbol-spacing": 110, "icon-image": "arrow", "icon-size": 0.62, "icon-allow-overlap": true, "icon-rotation-alignment": "map" },
          paint: { "icon-color": ["get", "color"], "icon-halo-color": css("--raised"), "icon-halo-width": 1 } },
      ],
    };
  }

  function bounds() {
    const box = new maplibregl.LngLatBounds();
    for (const step of steps.filter((step) => shown[step.day])) {
      for (const point of step.line || (step.at ? [step.at] : [])) box.extend(point);
    }
    for (const place of box.isEmpty() ? data.others : []) box.extend(place.at);
    return box.isEmpty() ? null : box;
  }

  function startMap() {
    const stage = byId("map");
    const box = bounds();
    map = new maplibregl.Map({
      container: stage, style: style(), attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false,
      maxZoom: 18, renderWorldCopies: false, fadeDuration: 0,
      ...(box ? { bounds: box, fitBoundsOptions: { padding: padding(), maxZoom: 16 } } : { center: [138, 37], zoom: 4 }),
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new maplibregl.ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-left");
    map.on("styleimagemissing", (event) => {
      if (event.id === "arrow" && !map.hasImage("arrow")) map.addImage("arrow", arrow(), { sdf: true });
    });
    map.on("load", () => { drawGraticule(); document.body.dataset.map = "ready"; });
    map.on("moveend", () => { drawGraticule(); placeLabels(); });
    map.on("move", placeTicks);
    map.on("resize", () => { placeTicks(); placeLabels(); });
    map.on("click", "others", (event) => showOther(data.others[event.features[0].properties.index]));
    for (const layer of ["legs", "estimated"]) map.on("click", layer, (event) => select(event.features[0].properties.id, { scroll: true }));
    for (const layer of ["others", "legs", "estimated"]) {
      map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => map.setStyle(style(), { diff: false }));
  }
  function padding() {
    if (byId("map").clientWidth < 560) return { top: 36, bottom: 44, left: 36, right: 60 };
    return { top: 56, bottom: byId("legend").open ? 190 : 76, left: 90, right: 150 };
  }

  function refreshMap() {
    if (!map) return;
    map.getSource("legs")?.setData(legs());
    if (selected && !steps.some((step) => step.id === selected && shown[step.day])) clearSelection();
    renderMarkers();
  }

  function renderMarkers() {
    if (!map) return;
    markers.forEach(({ marker }) => marker.remove());
    const taken = new Set();
    markers = [];
    const key = (at) => at.map((degree) => degree.toFixed(5)).join();
    const spots = steps.filter((step) => step.at && shown[step.day] && step.type !== "travel" && step.type !== "wait");
    // Numbered stops first; a start or an end that is also a stop needs no marker of its own.
    for (const step of [...spots.filter((spot) => spot.type !== "end"), ...spots.filter((spot) => spot.type === "end")]) {
      if (step.type === "end" && taken.has(key(step.at))) continue;
      taken.add(key(step.at));
      const label = element("span", { class: "label", text: say(step.name) });
      const pin = element("span", { class: "pin" }, ...(step.type === "end" ? [] : [badge(step)]));
      const button = element("button", { class: `stop ${step.type}`, type: "button", day: step.day,
        "aria-label": `${say(data.days[step.day].title)}, ${step.number ?? ""} ${say(step.name)}` }, pin, label);
      button.addEventListener("click", (event) => { event.stopPropagation(); select(step.id, { scroll: true }); });
      button.dataset.step = step.id;
      if (step.id === selected) button.classList.add("selected");
      markers.push({ marker: new maplibregl.Marker({ element: button }).setLngLat(step.at).addTo(map), label, button });
      // MapLibre writes its own name over ours.
      button.setAttribute("aria-label", `${say(data.days[step.day].title)}, ${step.number ?? ""} ${say(step.name)}`);
    }
    placeLabels();
  }

  const PIN = 25;

  /** Set pins that would hide each other side by side, in the order of the trip; zooming in takes them apart. */
  function spreadPins() {
    const groups = [];
    for (const { marker } of markers) {
      const point = map.project(marker.getLngLat());
      const near = groups.filter((group) => group.some((other) => Math.hypot(other.point.x - point.x, other.point.y - point.y) < PIN * 0.8));
      const joined = [...near.flat(), { marker, point }];
      near.forEach((group) => groups.splice(groups.indexOf(group), 1));
      groups.push(joined);
    }
    const order = new Map(markers.map(({ marker }, index) => [marker, index]));
    for (const group of groups) {
      group.sort((one, other) => order.get(one.marker) - order.get(other.marker));
      const middle = ["x", "y"].map((axis) => group.reduce((sum, { point }) => sum + point[axis], 0) / group.length);
      const columns = Math.min(group.length, 5);
      group.forEach(({ marker, point }, index) => {
        const x = middle[0] + ((index % columns) - (columns - 1) / 2) * PIN;
        const y = middle[1] + (Math.floor(index / columns) - (Math.ceil(group.length / columns) - 1) / 2) * PIN;
        marker.setOffset(group.length > 1 ? [x - point.x, y - point.y] : [0, 0]);
      });
    }
  }

  /** Show the labels that find room, right of their pin or else left of it; earlier stops go first. */
  function placeLabels() {
    spreadPins();
    const stage = byId("map").getBoundingClientRect();
    const taken = [...markers.map(({ button }) => button.firstChild), byId("legend"), byId("credit")].map((node) => node.getBoundingClientRect());
    const collides = (box) => taken.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
    for (const { label } of markers) {
      label.classList.remove("off", "left");
      let box = label.getBoundingClientRect();
      if (collides(box) || box.right > stage.right) {
        label.classList.add("left");
        box = label.getBoundingClientRect();
      }
      if (collides(box) || box.left < stage.left) label.classList.add("off");
      else taken.push(box);
    }
  }

  /* Lines of longitude and latitude give scale and place where there is no base map. */
  const GAPS = [20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
  let ticks = [];
  function drawGraticule() {
    if (!map.getSource("graticule")) return;
    const view = map.getBounds();
    const [west, east, south, north] = [view.getWest(), view.getEast(), Math.max(view.getSouth(), -85), Math.min(view.getNorth(), 85)];
    const gap = GAPS.findLast((size) => (east - west) / size <= 6) ?? GAPS[0];
    const digits = Math.max(0, Math.ceil(-Math.log10(gap)));
    const values = (from, to) => Array.from({ length: Math.max(0, Math.floor(to / gap) - Math.ceil(from / gap) + 1) }, (_, i) => (Math.ceil(from / gap) + i) * gap);
    const lon = values(west, east), lat = values(south, north);
    const lines = [
      ...lon.map((x) => [[x, south - gap], [x, north + gap]]), ...lat.map((y) => [[west - gap, y], [east + gap, y]]),
    ];
    map.getSource("graticule").setData(feature({ type: "MultiLineString", coordinates: lines }, {}));
    ticks.forEach((tick) => tick.node.remove());
    const side = (value, positive, negative) => `${Math.abs(value).toFixed(digits)}°${value < 0 ? negative : positive}`;
    ticks = [
      ...lon.map((x) => ({ at: [x, south], axis: "lon", node: element("span", { class: "tick lon", text: side(x, "E", "W") }) })),
      ...lat.map((y) => ({ at: [west, y], axis: "lat", node: element("span", { class: "tick lat", text: side(y, "N", "S") }) })),
    ];
    byId("stage").append(...ticks.map((tick) => tick.node));
    placeTicks();
  }
  function placeTicks() {
    const { clientWidth: width, clientHeight: height } = byId("map");
    for (const { at, axis, node } of ticks) {
      const { x, y } = map.project(at);
      if (axis === "lon") node.style.left = `${x}px`; else node.style.top = `${y}px`;
      // Corners belong to the controls and to the other axis.
      node.hidden = axis === "lon" ? x < 60 || x > width - 80 : y < 28 || y > height - 60;
    }
  }

  function popupAt(at, ...content) {
    popup?.remove();
    popup = new maplibregl.Popup({ offset: 16, maxWidth: "290px", focusAfterOpen: false, closeOnClick: true })
      .setLngLat(at).setDOMContent(element("div", { class: "popup" }, ...content)).addTo(map);
  }

  const lines = (...texts) => texts.filter(Boolean).map((text) => element("p", { text }));
  const link = (url) => (url ? element("p", {}, element("a", { href: url, target: "_blank", rel: "noopener noreferrer", text: url })) : "");

  function showOther(place) {
    clearSelection();
    popupAt(place.at, element("h4", { text: say(place.name) }), element("p", { class: "facts", text: word(`kind_${place.kind}`) }),
      ...lines(...place.hours.map(say), say(place.why)), link(place.url));
  }

  function clearSelection() {
    selected = null;
    popup?.remove();
    map?.getSource("chosen")?.setData(collection([]));
    document.querySelectorAll("[aria-current]").forEach((node) => node.removeAttribute("aria-current"));
    document.querySelectorAll(".stop.selected").forEach((node) => node.classList.remove("selected"));
  }

  function select(id, { fly = false, scroll = false } = {}) {
    const step = steps.find((candidate) => candidate.id === id);
    if (!step || !map) return;
    clearSelection();
    selected = id;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const row = document.querySelector(`#days [data-step="${id}"]`);
    row?.setAttribute("aria-current", "true");
    if (scroll) row?.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
    if (step.line) {
      map.getSource("chosen")?.setData(feature({ type: "LineString", coordinates: step.line }, { color: css(`--day-${step.day % 7}`) }));
      const box = new maplibregl.LngLatBounds();
      step.line.forEach((point) => box.extend(point));
      if (fly) map.fitBounds(box, { padding: padding(), maxZoom: 16, animate: !still });
      return;
    }
    markers.find(({ button }) => button.dataset.step === id)?.button.classList.add("selected");
    popupAt(step.at, element("h4", { text: say(step.name) }),
      element("p", { class: "facts" }, ...[step.span || step.time, ...step.facts.map(say)].filter(Boolean).map((text) => element("span", { text }))),
      ...lines(say(step.about), ...(step.flags || []).map(say)), link(step.url));
    if (fly) map.easeTo({ center: step.at, zoom: Math.max(map.getZoom(), 14), animate: !still });
  }

  function renderLegend() {
    const rows = [[element("span", { class: "stroke" }), word("leg")]];
    if (steps.some((step) => step.estimated)) rows.push([element("span", { class: "stroke dashed" }), word("leg_estimated")]);
    if (data.streets.length) rows.push([element("span", { class: "stroke thin" }), word("streets")]);
    for (const kind of Object.keys(KINDS).filter((kind) => data.others.some((place) => place.kind === kind))) {
      const dot = element("span", { class: "dot" });
      dot.style.background = KINDS[kind];
      rows.push([dot, word(`kind_${kind}`)]);
    }
    const legend = byId("legend");
    const open = legend.open;
    legend.replaceChildren(element("summary", { text: word("legend") }), element("ul", {}, ...rows.map((row) => element("li", { class: row[0].className === "dot" ? "" : "wide" }, ...row))));
    legend.open = open;
    byId("credit").textContent = say(data.credit);
    byId("no-map").textContent = word("no_webgl");
    byId("stage").setAttribute("aria-label", word("map"));
  }

  function render() {
    const open = selected;
    renderHead(); renderChips(); renderDays(); renderMore(); renderLegend(); renderMarkers();
    if (open) select(open);
    else popup?.remove();
  }

  byId("legend").open = innerWidth > 1100;
  byId("legend").addEventListener("toggle", () => map && placeLabels());
  if (webglWorks()) {
    try { startMap(); } catch (error) { map = null; console.warn(error); }
  }
  if (!map) {
    byId("map").remove(); byId("legend").hidden = true; byId("no-map").hidden = false;
    document.body.classList.add("listed");
    document.body.dataset.map = "none";
  }
  render();
})();
