// @ts-check
// Files on their way: piece by piece, going on where they stopped, however often the connection is lost.

/** @typedef {{ name: string, size: number, received: number }} Arriving */
/**
 * @typedef {object} Upload
 * @property {string} upload_id
 * @property {string} collection
 * @property {"receiving" | "building" | "done" | "failed"} stage
 * @property {string} said
 * @property {Arriving[]} files
 * @property {[name: string, reason: string][]} refused
 * @property {[name: string, reason: string][]} problems
 * @property {number} works
 * @property {Job} [job] how far it is built
 */
/**
 * @typedef {object} Job
 * @property {"waiting" | "running" | "done" | "failed"} stage
 * @property {string} doing
 * @property {number} done
 * @property {number} total
 * @property {string} said
 * @property {[name: string, reason: string][]} problems
 * @property {number} works
 */
/** @typedef {{ path: string, file: File }} Chosen */

const PIECE = 2 * 1024 * 1024;
const LONGEST_WAIT = 10_000;

/** What the server refused. */
export class Refusal extends Error {}

/**
 * Ask until there is an answer.
 *
 * @param {string} address
 * @param {RequestInit} [init]
 * @param {(reached: boolean) => void} [onReach]
 * @returns {Promise<any>}
 */
export async function ask(address, init, onReach = () => {}) {
  for (let tried = 0; ; tried += 1) {
    const response = await fetch(`/api/v1${address}`, init).catch(() => null);
    if (response && response.status !== 429 && response.status < 502) {
      onReach(true);
      const content = await response.json().catch(() => ({}));
      if (response.ok || response.status === 409) return content;
      throw new Refusal(content.detail ?? "The server refused that.");
    }
    onReach(false);
    const wait = Number(response?.headers.get("Retry-After") ?? 0) * 1_000;
    const patience = Math.min(LONGEST_WAIT, 500 * 2 ** tried);
    await new Promise((resolve) => setTimeout(resolve, Math.max(wait, patience)));
  }
}

/** @param {unknown} body @returns {RequestInit} */
export function posted(body) {
  const headers = { "Content-Type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

/**
 * Send files and build them.
 *
 * @param {string} collection
 * @param {Chosen[]} chosen
 * @param {(upload: Upload, sent: number) => void} onProgress called whenever something arrived
 * @param {(reached: boolean) => void} onReach
 * @returns {Promise<Upload>}
 */
export async function sendAll(collection, chosen, onProgress, onReach) {
  const files = chosen.map(({ path, file }) => ({ name: path, size: file.size }));
  /** @type {Upload} */
  const upload = await ask("/uploads", posted({ collection, files }), onReach);
  const refused = new Set(upload.refused.map(([name]) => name));
  const taken = chosen.filter(({ path }) => !refused.has(path.slice(0, 200)));
  for (const [number, arriving] of upload.files.entries()) {
    const file = taken[number]?.file;
    while (file && arriving.received < arriving.size) {
      const { received } = arriving;
      const address = `/uploads/${upload.upload_id}/files/${number}?offset=${received}`;
      const piece = { method: "PUT", body: file.slice(received, received + PIECE) };
      arriving.received = (await ask(address, piece, onReach)).received;
      onProgress(upload, number);
    }
  }
  await ask(`/uploads/${upload.upload_id}/finish`, { method: "POST" }, onReach);
  return follow(upload, onProgress);
}

/**
 * Wait until an upload is built; the stream connects again by itself.
 *
 * @param {Upload} upload
 * @param {(upload: Upload, sent: number) => void} onProgress
 * @returns {Promise<Upload>}
 */
function follow(upload, onProgress) {
  return new Promise((resolve) => {
    const source = new EventSource(`/api/v1/jobs/${upload.upload_id}/events/stream`);
    source.addEventListener("job", ({ data }) => {
      /** @type {Job} */
      const job = JSON.parse(data);
      const ended = job.stage === "done" || job.stage === "failed";
      const { said, problems, works } = job;
      Object.assign(upload, { job, said, problems, works, stage: ended ? job.stage : "building" });
      onProgress(upload, upload.files.length);
      if (!ended) return;
      source.close();
      resolve(upload);
    });
  });
}

/**
 * The files that were dropped, those in folders too.
 *
 * @param {DataTransfer} dropped
 * @returns {Promise<Chosen[]>}
 */
export async function filesOf(dropped) {
  const entries = [...dropped.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (!entries.length) return [...dropped.files].map((file) => ({ path: file.name, file }));
  return (await Promise.all(entries.map((entry) => filesIn(entry)))).flat();
}

/** @param {FileSystemEntry} entry @returns {Promise<Chosen[]>} */
async function filesIn(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) =>
      /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject),
    );
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    for (const each of some) found.push(...(await filesIn(each)));
  }
  return found;
}
