// @ts-check
// Keeps the pages and their files, so that they open while the server is away; the page then says so itself.

const KEPT = "ham-pages-1";
const worker = /** @type {any} */ (self);

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/static/")) event.respondWith(keptFirst(request));
  else if (request.mode === "navigate") event.respondWith(freshFirst(request));
});

/** A file never changes under its address. @param {Request} request */
async function keptFirst(request) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) {
    await cache.put(request, response.clone());
    await dropOlder(cache, new URL(request.url).pathname.split("/")[2] ?? "");
  }
  return response;
}

/** A page is asked for each time; without the server, the one that was there. @param {Request} request */
async function freshFirst(request) {
  const cache = await caches.open(KEPT);
  const page = new URL(request.url).pathname;
  try {
    const response = await fetch(request);
    if (response.ok && !response.redirected) await cache.put(page, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(page);
    if (kept) return kept;
    throw error;
  }
}

/**
 * Files of an older version are of no use to pages of this one.
 *
 * @param {Cache} cache
 * @param {string} version
 */
async function dropOlder(cache, version) {
  for (const request of await cache.keys()) {
    const [, folder, of] = new URL(request.url).pathname.split("/");
    if (folder === "static" && of !== version) await cache.delete(request);
  }
}
