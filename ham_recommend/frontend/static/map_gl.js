// @ts-check
// Draws a map by WebGL 2, in at most three calls a frame however many works there are: all of it from afar, a
// rectangle for each cell that is seen from near, and on them the works that are raised.

import { AFAR_FRAGMENT, AFAR_VERTEX, NEAR_VERTEX, RAISED_VERTEX, WORK_FRAGMENT } from "./map_shaders.js";

/** @import { Camera } from "./map_camera.js" */
/** @import { Land } from "./map_land.js" */

/**
 * A work above the ground: `size` in cells, `ring` is red, green, blue and pixels, `picture` the slot of its
 * own picture or -1.
 *
 * @typedef {object} Raised
 * @property {number} row
 * @property {number} x
 * @property {number} y
 * @property {number} size
 * @property {number} opacity
 * @property {[number, number, number, number]} ring
 * @property {number} picture
 */

const LAYERS = 44; // of pages, 4 MB each: 176 MB
const PICTURES = 96; // 256 × 256: 25 MB
export const PICTURE_SIDE = 256;
const FLOATS = 10;
const MOST_RAISED = 2_000;
const NEAR_FROM = 3; // pixels of a cell from which it is drawn by itself; wholly from NEAR_WHOLLY
const NEAR_WHOLLY = 4.5;

/** @typedef {{ program: WebGLProgram, at: (name: string) => WebGLUniformLocation | null }} Program */

export class Painter {
  /** Calls that the last frame took. */
  calls = 0;
  /** Bytes of textures. */
  bytes = 0;
  canSeeAll = true;
  #values = new Float32Array(FLOATS * MOST_RAISED);

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Land} land
   */
  constructor(canvas, land) {
    const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, powerPreference: "low-power" });
    if (!gl) throw new Error("WebGL 2 is missing");
    this.gl = gl;
    this.canvas = canvas;
    this.land = land;
    this.slots = PICTURES;
    const largest = gl.getParameter(gl.MAX_TEXTURE_SIZE);
    if (Math.max(land.columns, land.rows) > largest) throw new Error("The map is too large");
    this.layers = Math.min(LAYERS, Math.max(1, land.pages), gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS));
    this.#afar = this.#program(AFAR_VERTEX, AFAR_FRAGMENT);
    this.#near = this.#program(NEAR_VERTEX, WORK_FRAGMENT);
    this.#raised = this.#program(RAISED_VERTEX, WORK_FRAGMENT);
    this.#makeTextures();
    this.#still = gl.createVertexArray();
    this.#quads = this.#makeQuads();
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  }

  #afar;
  #near;
  #raised;
  #still;
  #quads;

  // ---- what it draws with -------------------------------------------------------------------------------

  /** @param {string} vertex @param {string} fragment @returns {Program} */
  #program(vertex, fragment) {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [kind, source] of /** @type {const} */ ([
      [gl.VERTEX_SHADER, vertex],
      [gl.FRAGMENT_SHADER, fragment],
    ])) {
      const shader = gl.createShader(kind);
      if (!shader) throw new Error("WebGL is lost");
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
      gl.deleteShader(shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      const log = gl.getProgramInfoLog(program);
      throw new Error(log || "a shader cannot be linked");
    }
    /** @type {Map<string, WebGLUniformLocation | null>} */
    const known = new Map();
    const at = (/** @type {string} */ name) => {
      if (!known.has(name)) known.set(name, gl.getUniformLocation(program, name));
      return known.get(name) ?? null;
    };
    return { program, at };
  }

  #makeTextures() {
    const { gl, land } = this;
    const { columns, rows, works } = land;
    this.#texture(0, gl.TEXTURE_2D, gl.NEAREST);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R32UI, columns, rows);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, columns, rows, gl.RED_INTEGER, gl.UNSIGNED_INT, land.cells);

    const depth = Math.max(1, Math.ceil(works / 1024));
    const colours = new Uint8Array(1024 * depth * 4);
    const from = new Uint8Array(columns * rows * 4);
    for (let row = 0; row < works; row += 1) {
      const looks = land.points.subarray(row * 8 + 4, row * 8 + 8);
      colours.set(looks, row * 4);
      const cell = (land.ys[row] ?? 0) * columns + (land.xs[row] ?? 0);
      if (land.cells[cell] !== row + 1) continue;
      from.set(looks, cell * 4);
      from[cell * 4 + 3] = 255;
    }
    this.#texture(1, gl.TEXTURE_2D, gl.NEAREST);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, 1024, depth);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, 1024, depth, gl.RGBA, gl.UNSIGNED_BYTE, colours);

    this.#texture(2, gl.TEXTURE_2D, gl.LINEAR, gl.LINEAR_MIPMAP_LINEAR);
    gl.texStorage2D(
      gl.TEXTURE_2D,
      1 + Math.floor(Math.log2(Math.max(columns, rows))),
      gl.RGBA8,
      columns,
      rows,
    );
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, columns, rows, gl.RGBA, gl.UNSIGNED_BYTE, from);
    gl.generateMipmap(gl.TEXTURE_2D);

    const high = Math.max(1, Math.ceil(land.pages / 1024));
    this.#texture(3, gl.TEXTURE_2D, gl.NEAREST);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R8UI, 1024, high);
    const nothing = new Uint8Array(1024 * high);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, 1024, high, gl.RED_INTEGER, gl.UNSIGNED_BYTE, nothing);

    this.#texture(4, gl.TEXTURE_2D_ARRAY, gl.LINEAR);
    const side = land.message.page || 1;
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.RGBA8, side, side, this.layers);

    this.#texture(5, gl.TEXTURE_2D_ARRAY, gl.LINEAR);
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.RGBA8, PICTURE_SIDE, PICTURE_SIDE, PICTURES);
    const cell = columns * rows;
    this.bytes = cell * 4 + (cell * 16) / 3 + 4096 * depth + 1024 * high;
    this.bytes += 4 * (side ** 2 * this.layers + PICTURE_SIDE ** 2 * PICTURES);
  }

  /**
   * @param {number} unit
   * @param {number} target
   * @param {number} filter
   * @param {number} [smaller]
   */
  #texture(unit, target, filter, smaller = filter) {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(target, texture);
    gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, filter);
    gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, smaller);
    gl.texParameteri(target, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(target, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    return texture;
  }

  #makeQuads() {
    const { gl } = this;
    const array = gl.createVertexArray();
    const buffer = gl.createBuffer();
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.#values.byteLength, gl.DYNAMIC_DRAW);
    for (const [at, size, from] of /** @type {const} */ ([
      [0, 4, 0],
      [1, 4, 4],
      [2, 2, 8],
    ])) {
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, size, gl.FLOAT, false, FLOATS * 4, from * 4);
      gl.vertexAttribDivisor(at, 1);
    }
    gl.bindVertexArray(null);
    return { array, buffer };
  }

  // ---- what comes ---------------------------------------------------------------------------------------

  /**
   * @param {number} page
   * @param {number} layer
   * @param {number | null} gone the page that was in its place
   * @param {ImageBitmap} picture
   */
  addPage(page, layer, gone, picture) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE4);
    const { width, height } = picture;
    const kind = /** @type {const} */ ([gl.RGBA, gl.UNSIGNED_BYTE]);
    gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, layer, width, height, 1, ...kind, picture);
    if (gone !== null) this.#setLayer(gone, 0);
    this.#setLayer(page, layer + 1);
  }

  /** @param {number} page @param {number} layer */
  #setLayer(page, layer) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE3);
    const [x, y] = [page & 1023, page >> 10];
    gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, 1, 1, gl.RED_INTEGER, gl.UNSIGNED_BYTE, new Uint8Array([layer]));
  }

  /** @param {number} slot @param {ImageBitmap} picture of PICTURE_SIDE on both sides */
  addPicture(slot, picture) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE5);
    const kind = /** @type {const} */ ([gl.RGBA, gl.UNSIGNED_BYTE]);
    gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, slot, PICTURE_SIDE, PICTURE_SIDE, 1, ...kind, picture);
  }

  // ---- drawing ------------------------------------------------------------------------------------------

  /**
   * @param {Camera} camera
   * @param {number} level of tiles
   * @param {number} light of the ground, 0 to 1
   * @param {Raised[]} raised the last on top
   */
  draw(camera, level, light, raised) {
    const { gl, canvas } = this;
    const ratio = canvas.width / camera.width;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.calls = 0;
    const cell = camera.z * ratio;
    const nearness = Math.min(1, Math.max(0, (cell - NEAR_FROM) / (NEAR_WHOLLY - NEAR_FROM)));
    if (nearness < 1) this.#drawAfar(camera, light * (1 - nearness));
    if (nearness > 0) this.#drawNear(camera, cell, level, light * nearness);
    if (raised.length) this.#drawRaised(camera, cell, raised, ratio);
  }

  /** @param {Camera} camera @param {number} light */
  #drawAfar(camera, light) {
    const { gl, land } = this;
    const { at } = this.#use(this.#afar, camera);
    gl.uniform1i(at("afar"), 2);
    gl.uniform2f(at("extent"), land.columns, land.rows);
    gl.uniform1f(at("light"), light);
    gl.bindVertexArray(this.#still);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    this.calls += 1;
  }

  /** @param {Camera} camera @param {number} cell @param {number} level @param {number} light */
  #drawNear(camera, cell, level, light) {
    const { gl, land } = this;
    const [left, top] = camera.cellAt(0, 0).map((edge) => Math.max(0, Math.floor(edge)));
    const [right, bottom] = camera.cellAt(camera.width, camera.height);
    const across = Math.min(land.columns, Math.ceil(right)) - (left ?? 0);
    const down = Math.min(land.rows, Math.ceil(bottom)) - (top ?? 0);
    if (across <= 0 || down <= 0) return;
    const { at } = this.#useForWorks(this.#near, camera, cell, level);
    gl.uniform1i(at("cells"), 0);
    gl.uniform2i(at("first"), left ?? 0, top ?? 0);
    gl.uniform1i(at("across"), across);
    gl.uniform1f(at("light"), light);
    gl.bindVertexArray(this.#still);
    gl.drawArrays(gl.TRIANGLES, 0, 6 * across * down);
    this.calls += 1;
  }

  /** @param {Camera} camera @param {number} cell @param {Raised[]} raised @param {number} ratio */
  #drawRaised(camera, cell, raised, ratio) {
    const { gl, land } = this;
    const shown = raised.slice(-MOST_RAISED);
    for (const [at, { row, x, y, size, opacity, ring, picture }] of shown.entries()) {
      const [red, green, blue, wide] = ring;
      this.#values.set([x, y, size, opacity, red, green, blue, wide * ratio, row, picture + 1], at * FLOATS);
    }
    this.#useForWorks(this.#raised, camera, cell, land.message.tiles.length - 1);
    gl.bindVertexArray(this.#quads.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#quads.buffer);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.#values, 0, shown.length * FLOATS);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, shown.length);
    this.calls += 1;
  }

  /** @param {Program} program @param {Camera} camera @param {number} cell @param {number} level */
  #useForWorks(program, camera, cell, level) {
    const { gl, land } = this;
    const [small = 1, middle = 1, large = 1] = land.message.tiles;
    const [first = 0, second = 0, third = 0] = land.firstPages;
    const { at } = this.#use(program, camera);
    gl.uniform1i(at("works"), 1);
    gl.uniform1i(at("layers"), 3);
    gl.uniform1i(at("pages"), 4);
    gl.uniform1i(at("pictures"), 5);
    gl.uniform3i(at("sizes"), small, middle, large);
    gl.uniform3i(at("firsts"), first, second, third);
    gl.uniform1f(at("side"), land.message.page);
    gl.uniform1i(at("level"), level);
    gl.uniform1f(at("cell"), cell);
    return program;
  }

  /** @param {Program} program @param {Camera} camera */
  #use(program, camera) {
    const { gl } = this;
    gl.useProgram(program.program);
    gl.uniform2f(program.at("middle"), camera.x, camera.y);
    gl.uniform2f(program.at("halves"), camera.width / camera.z / 2, camera.height / camera.z / 2);
    return program;
  }

  close() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
