// @ts-check
// What the graphics card runs: from afar one picture of all colours, from near a rectangle for each cell
// that is seen, and for each raised work. What a work looks like is looked up once for its corners, not for
// each pixel. The cells are not instances: without a graphics card those are drawn one by one, which took
// five times as long (benchmarks/map_speed.py). All colours are multiplied by their opacity.

const EXACT = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp usampler2D;
precision mediump sampler2DArray;
`;

export const AFAR_VERTEX = `${EXACT}
uniform vec2 middle;             // of what is seen, in cells
uniform vec2 halves;             // half of what is seen, in cells
uniform vec2 extent;             // columns and rows
out vec2 at;
void main() {
  at = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4((at * extent - middle) / halves * vec2(1.0, -1.0), 0.0, 1.0);
}`;

export const AFAR_FRAGMENT = `${EXACT}
uniform sampler2D afar;          // the colour of each cell, and ever coarser ones
uniform float light;
in vec2 at;
out vec4 painted;
void main() {
  vec4 colour = texture(afar, at);
  // from far away little of a pixel is land: without this the islands would fade into the sea
  painted = colour * (light * min(1.0, 1.7 * colour.a) / max(colour.a, 1e-4));
}`;

const CORNERS = `${EXACT}
uniform sampler2D works;         // red, green, blue and shape of each work
uniform usampler2D layers;       // of each page, its layer from 1; 0 where it is not there
uniform ivec3 sizes;             // of tiles
uniform ivec3 firsts;            // pages before those of each size
uniform float side;              // pixels of a page
uniform int level;               // of tiles; -1 for colours alone
uniform vec2 middle;
uniform vec2 halves;
uniform float cell;              // pixels
out vec2 from;                   // in pixels from the middle of the work
flat out vec2 reach;             // half of its picture, in pixels
flat out vec4 border;            // red, green, blue, pixels
flat out vec4 colour;            // and opacity
flat out vec4 tile;              // its corner, size and layer, -1 without one; size 0 for its own picture

vec4 tileOf(int row) {
  for (int at = level; at >= 0; at -= 1) {
    int across = int(side) / sizes[at];
    int page = firsts[at] + row / (across * across);
    int layer = int(texelFetch(layers, ivec2(page & 1023, page >> 10), 0).r);
    if (layer == 0) continue;
    int slot = row % (across * across);
    float size = float(sizes[at]);
    return vec4(vec2(slot % across, slot / across) * size, size, float(layer - 1));
  }
  return vec4(-1.0);
}

void put(int row, vec2 corner, vec2 place, float size, float opacity, vec4 ring, float own) {
  vec4 work = texelFetch(works, ivec2(row & 1023, row >> 10), 0);
  vec2 wide = vec2(0.34);
  if (work.a > 0.0) {
    float aspect = exp2((work.a * 255.0 - 128.0) / 32.0);
    wide = 0.46 * vec2(min(1.0, aspect), min(1.0, 1.0 / aspect));
  }
  reach = wide * size * cell;
  border = ring;
  colour = vec4(work.rgb, opacity);
  tile = own > 0.0 ? vec4(0.0, 0.0, 0.0, own - 1.0) : work.a > 0.0 ? tileOf(row) : vec4(-1.0);
  from = corner * (reach + ring.a + 0.5);
  gl_Position = vec4((place + from / cell - middle) / halves * vec2(1.0, -1.0), 0.0, 1.0);
}
`;

export const NEAR_VERTEX = `${CORNERS}
uniform usampler2D cells;        // of each cell, its work from 1; 0 where there is none
uniform ivec2 first;             // the first cell that is seen
uniform int across;              // how many are seen beside each other
uniform float light;
const int TWO_TRIANGLES[6] = int[](0, 1, 2, 2, 1, 3);
void main() {
  int seen = gl_VertexID / 6;
  int corner = TWO_TRIANGLES[gl_VertexID % 6];
  ivec2 at = first + ivec2(seen % across, seen / across);
  uint found = texelFetch(cells, at, 0).r;
  gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  vec2 side = vec2(corner & 1, corner >> 1) * 2.0 - 1.0;
  if (found > 0u) put(int(found) - 1, side, vec2(at) + 0.5, 1.0, light, vec4(0.0), 0.0);
}`;

export const RAISED_VERTEX = `${CORNERS}
layout(location = 0) in vec4 place;    // x and y of the middle, size, opacity
layout(location = 1) in vec4 ring;     // red, green, blue, pixels
layout(location = 2) in vec2 which;    // the work, and the layer of its own picture from 1
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  put(int(which.x), corner, place.xy, place.z, place.w, ring, which.y);
}`;

export const WORK_FRAGMENT = `${EXACT}
uniform sampler2DArray pages;
uniform sampler2DArray pictures;
uniform float side;
in vec2 from;
flat in vec2 reach;
flat in vec4 border;
flat in vec4 colour;
flat in vec4 tile;
out vec4 painted;
void main() {
  vec2 edge = reach - abs(from) + 0.5;
  float rim = min(edge.x, edge.y);
  float inside = clamp(rim, 0.0, 1.0);
  vec2 uv = from / (2.0 * reach) + 0.5;
  vec3 shown = colour.rgb;
  if (tile.z > 0.0) {
    vec2 texel = tile.xy + clamp(uv * tile.z, 0.5, tile.z - 0.5);
    shown = textureLod(pages, vec3(texel / side, tile.w), 0.0).rgb;
  } else if (tile.z == 0.0) shown = textureLod(pictures, vec3(clamp(uv, 0.002, 0.998), tile.w), 0.0).rgb;
  float ringed = border.a > 0.0 ? clamp(rim + border.a, 0.0, 1.0) : inside;
  painted = (vec4(shown, 1.0) * inside + vec4(border.rgb, 1.0) * (ringed - inside)) * colour.a;
}`;
