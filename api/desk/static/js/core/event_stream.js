/** Server-sent events. Unlike the browser's own reader, this one can send a key, and notices a connection gone quiet. */

// The server says at least every 15 s that it is still there.
const QUIET_MS = 45_000;

/**
 * Yield the events of a stream: {id, type, data}, `data` parsed from JSON.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @throws where the stream breaks, or says nothing for too long
 */
export async function* eventsOf(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let fields = {};
  try {
    while (true) {
      const { done, value } = await unlessQuiet(reader.read());
      if (done) return;
      text += decoder.decode(value, { stream: true });
      // A line may end in CR LF of which the second half is still on its way.
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      text = lines.pop();
      for (const line of lines) {
        if (line) {
          take(line, fields);
          continue;
        }
        if (fields.data !== undefined) yield { id: fields.id ?? null, type: fields.event ?? "message", data: JSON.parse(fields.data) };
        fields = {};
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Put a line into the fields of its event; data of several lines belong together. What begins with a colon is a comment. */
function take(line, fields) {
  const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
  if (name) fields[name] = name === "data" && fields.data !== undefined ? `${fields.data}\n${value}` : value;
}

function unlessQuiet(reading) {
  let timer = 0;
  const quiet = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error("the stream has gone quiet")), QUIET_MS); });
  return Promise.race([reading, quiet]).finally(() => clearTimeout(timer));
}
