/** MapLibre GL JS: loaded when the first map is needed, as everything else can be read before. */

const HERE = new URL("../../map/", import.meta.url);
let loading = null;

/** Return the library. @throws {Error} where it cannot be had */
export function mapLibrary() {
  loading ??= Promise.all([sheet("maplibre-gl.css"), script("maplibre-gl.js")]).then(
    () => window.maplibregl,
    (error) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

let isAble = null;

/** Whether this browser can draw a map at all. */
export function canDraw() {
  isAble ??= tryToDraw();
  return isAble;
}

function tryToDraw() {
  try {
    const canvas = document.createElement("canvas");
    const drawing = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
    // A page may hold only a few of them.
    drawing?.getExtension("WEBGL_lose_context")?.loseContext();
    return Boolean(drawing);
  } catch {
    return false;
  }
}

const script = (name) => loaded(Object.assign(document.createElement("script"), { src: new URL(name, HERE).href, async: true }));

function sheet(name) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL(name, HERE).href });
  const done = loaded(link);
  // Before our own sheets, which say how its parts look here.
  document.head.prepend(link);
  return done;
}

function loaded(node) {
  return new Promise((resolve, reject) => {
    node.addEventListener("load", resolve);
    node.addEventListener("error", () => reject(new Error(`not loaded: ${node.src ?? node.href}`)));
    if (node.localName === "script") document.head.append(node);
  });
}
