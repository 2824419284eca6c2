// @ts-check
// What the graphics card runs. All colours are multiplied by their opacity.

const COMMON = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
precision highp sampler2D;
precision mediump sampler2DArray;

uniform sampler2D works;         // red, green, blue and shape of each work
uniform usampler2D layers;       // of each page, its layer from 1; 0 where it is not there
uniform sampler2DArray pages;
uniform ivec3 sizes;             // of tiles
uniform ivec3 firsts;            // pages before those of each size
uniform float side;              // pixels of a page

vec4 workAt(int row) { return texelFetch(works, ivec2(row & 1023, row >> 10), 0); }

vec2 halfOf(float shape) {       // half the width and height of a picture in its cell
  if (shape == 0.0) return vec2(0.34);
  float aspect = exp2((shape * 255.0 - 128.0) / 32.0);
  return 0.46 * vec2(min(1.0, aspect), min(1.0, 1.0 / aspect));
}

vec3 pictureAt(int row, vec2 uv, int level, vec3 colour) {
  for (int at = level; at >= 0; at -= 1) {
    int across = int(side) / sizes[at];
    int page = firsts[at] + row / (across * across);
    int layer = int(texelFetch(layers, ivec2(page & 1023, page >> 10), 0).r);
    if (layer == 0) continue;
    int slot = row % (across * across);
    float size = float(sizes[at]);
    vec2 inside = clamp(uv * size, 0.5, size - 0.5);
    vec2 corner = vec2(slot % across, slot / across) * size;
    return textureLod(pages, vec3((corner + inside) / side, float(layer - 1)), 0.0).rgb;
  }
  return colour;
}
`;

export const GROUND_VERTEX = `#version 300 es
precision highp float;
uniform vec2 middle;
uniform vec2 halves;             // half of what is seen, in cells
uniform vec2 extent;             // columns and rows
out vec2 world;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  world = corner * extent;
  gl_Position = vec4((world - middle) / halves * vec2(1.0, -1.0), 0.0, 1.0);
}`;

export const GROUND_FRAGMENT = `${COMMON}
uniform usampler2D cells;        // of each cell, its work from 1; 0 where there is none
uniform sampler2D afar;          // the colour of each cell, and ever coarser ones
uniform vec2 extent;
uniform float cell;              // pixels
uniform int level;               // of tiles; -1 for colours alone
uniform float light;             // 1, or less where something else is to be seen
in vec2 world;
out vec4 painted;

vec4 near() {
  ivec2 at = ivec2(floor(world));
  if (any(lessThan(at, ivec2(0))) || any(greaterThanEqual(at, ivec2(extent)))) return vec4(0.0);
  uint found = texelFetch(cells, at, 0).r;
  if (found == 0u) return vec4(0.0);
  int row = int(found) - 1;
  vec4 work = workAt(row);
  vec2 halves = halfOf(work.a);
  vec2 from = fract(world) - 0.5;
  vec2 edge = (halves - abs(from)) * cell + 0.5;
  float covered = clamp(edge.x, 0.0, 1.0) * clamp(edge.y, 0.0, 1.0);
  if (covered == 0.0) return vec4(0.0);
  vec3 shown = work.a == 0.0 ? work.rgb : pictureAt(row, from / (2.0 * halves) + 0.5, level, work.rgb);
  return vec4(shown, 1.0) * covered;
}

void main() {
  float nearness = smoothstep(2.0, 4.0, cell);
  vec4 colour = nearness < 1.0 ? texture(afar, world / extent) : vec4(0.0);
  // from far away little of a pixel is land: without this the islands would fade into the sea
  colour *= min(1.0, 1.7 * colour.a) / max(colour.a, 1e-4);
  if (nearness > 0.0) colour = mix(colour, near(), nearness);
  painted = colour * light;
}`;

export const RAISED_VERTEX = `${COMMON}
uniform vec2 middle;
uniform vec2 halves;
uniform float cell;
layout(location = 0) in vec4 place;    // x and y of the middle, size, opacity
layout(location = 1) in vec4 ring;     // red, green, blue, pixels
layout(location = 2) in vec2 which;    // the work, and the layer of its picture from 1
out vec2 from;                         // in pixels from the middle
flat out vec2 reach;                   // half of the picture, in pixels
flat out vec4 border;
flat out vec3 chosen;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  reach = halfOf(workAt(int(which.x)).a) * place.z * cell;
  border = ring;
  chosen = vec3(which, place.w);
  from = corner * (reach + ring.a + 1.0);
  gl_Position = vec4((place.xy + from / cell - middle) / halves * vec2(1.0, -1.0), 0.0, 1.0);
}`;

export const RAISED_FRAGMENT = `${COMMON}
uniform sampler2DArray pictures;
in vec2 from;
flat in vec2 reach;
flat in vec4 border;
flat in vec3 chosen;
out vec4 painted;
void main() {
  vec2 edge = reach - abs(from) + 0.5;
  float inside = clamp(min(edge.x, edge.y), 0.0, 1.0);
  float ringed = clamp(min(edge.x, edge.y) + border.a, 0.0, 1.0);
  int row = int(chosen.x);
  vec4 work = workAt(row);
  vec2 uv = from / (2.0 * reach) + 0.5;
  vec3 shown = work.rgb;
  if (chosen.y > 0.0) shown = textureLod(pictures, vec3(clamp(uv, 0.002, 0.998), chosen.y - 1.0), 0.0).rgb;
  else if (work.a > 0.0) shown = pictureAt(row, uv, 2, work.rgb);
  painted = (vec4(shown, 1.0) * inside + vec4(border.rgb, 1.0) * (ringed - inside)) * chosen.z;
}`;
