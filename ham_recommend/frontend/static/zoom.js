// @ts-check
// A picture one can come close to: click or press Enter, then drag or use the arrow keys.

const CLOSE = 3; // times as large as it fits the frame

/**
 * @param {HTMLElement} frame
 */
export function zoomable(frame) {
  frame.tabIndex = 0;
  frame.setAttribute("role", "button");
  frame.setAttribute("data-lm-suppress-shortcuts", "true");
  /** @type {{ x: number, y: number, moved: boolean } | null} */
  let held = null;

  /** @param {number} [x] @param {number} [y] where to come close, 0 to 1 */
  const toggle = (x = 0.5, y = 0.5) => {
    const on = frame.classList.toggle("ham-zoomed");
    frame.style.setProperty("--close", String(CLOSE));
    label(frame, on);
    if (!on) return;
    frame.scrollLeft = x * (frame.scrollWidth - frame.clientWidth);
    frame.scrollTop = y * (frame.scrollHeight - frame.clientHeight);
  };

  frame.addEventListener("keydown", (event) => {
    if (event.target !== frame) return;
    if (event.key === "Enter" || event.key === " ") toggle();
    else if (event.key !== "Escape" || !frame.classList.contains("ham-zoomed")) return;
    else toggle();
    event.preventDefault();
    event.stopPropagation();
  });
  frame.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, y: event.clientY, moved: false };
  });
  frame.addEventListener("pointermove", (event) => {
    if (!held || !event.buttons || !frame.classList.contains("ham-zoomed")) return;
    const [left, top] = [held.x - event.clientX, held.y - event.clientY];
    if (Math.abs(left) + Math.abs(top) > 3) held.moved = true;
    frame.scrollBy(left, top);
    held = { x: event.clientX, y: event.clientY, moved: held.moved };
  });
  frame.addEventListener("dragstart", (event) => event.preventDefault());
  frame.addEventListener("click", (event) => {
    const dragged = held?.moved;
    held = null;
    if (dragged || (event.target instanceof Element && event.target.closest("button"))) return;
    const box = frame.getBoundingClientRect();
    toggle((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  });
  label(frame, false);
}

/**
 * @param {HTMLElement} frame
 * @param {boolean} zoomed
 */
function label(frame, zoomed) {
  frame.setAttribute("aria-label", zoomed ? "Show the whole picture" : "Come closer to the picture");
}
