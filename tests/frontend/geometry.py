"""What a person would see at a glance: broken words, texts cut off or over one another, squashed buttons."""

from __future__ import annotations

from playwright.sync_api import Locator

FAULTS = """
(root) => {
  const faults = [];
  const range = document.createRange();
  const seen = ({ left, right, top, bottom }) => right - left > 0.5 && bottom - top > 0.5;
  const name = (text) => `${text.parentElement.className}: ${text.data.trim()}`;
  const within = (box, frame) => ({
    left: Math.max(box.left, frame.left),
    right: Math.min(box.right, frame.right),
    top: Math.max(box.top, frame.top),
    bottom: Math.min(box.bottom, frame.bottom),
  });
  const cross = (a, b) => {
    const both = within(a, b);
    return both.right - both.left > 1 && both.bottom - both.top > 5;
  };
  const brokenWords = (node) => {
    for (const { index, 0: word } of node.data.matchAll(/[\\p{L}\\p{N}]{2,20}/gu)) {
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const lines = new Set([...range.getClientRects()].filter(seen).map((box) => Math.round(box.top)));
      if (lines.size > 1) faults.push(`the word ${word} is broken in ${name(node)}`);
    }
  };
  // what is cut off on purpose ends in an ellipsis
  const visible = (node, boxes) => {
    for (let each = node.parentElement; each !== root.parentElement; each = each.parentElement) {
      const { overflowX, textOverflow, webkitLineClamp } = getComputedStyle(each);
      if (overflowX === "visible") continue;
      const frame = each.getBoundingClientRect();
      const shown = boxes.map((box) => within(box, frame)).filter(seen);
      const meant = textOverflow === "ellipsis" || webkitLineClamp !== "none" || overflowX !== "hidden";
      const cut = boxes.some((box) => box.right > frame.right + 1 || box.bottom > frame.bottom + 1);
      if (cut && !meant) faults.push(`${name(node)} is cut off`);
      boxes = shown;
    }
    return boxes;
  };
  const texts = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter(seen);
    const hidden = node.parentElement.closest(".ham-hidden") || !node.parentElement.checkVisibility();
    if (!node.data.trim() || !boxes.length || hidden) continue; // a closed details has boxes all the same
    brokenWords(node);
    texts.push({ node, boxes: visible(node, boxes) });
  }
  for (const [at, one] of texts.entries())
    for (const other of texts.slice(at + 1))
      if (one.boxes.some((a) => other.boxes.some((b) => cross(a, b))))
        faults.push(`${name(one.node)} lies over ${name(other.node)}`);
  for (const button of root.querySelectorAll(".ham-icon-button:not(.ham-similar)")) {
    const { width, height } = button.getBoundingClientRect();
    const round = getComputedStyle(button).borderTopLeftRadius === "50%";
    if (width && (Math.abs(width - height) > 0.5 || !round)) faults.push(`${button.ariaLabel} is not round`);
  }
  // what stands out of its card or of the whole lies over something else, or is not seen
  for (const part of root.querySelectorAll("button, input, .ham-score")) {
    const [box, frame] = [part, part.parentElement.closest(".ham-card") ?? root].map((each) =>
      each.getBoundingClientRect());
    const out = Math.max(frame.left - 10 - box.left, box.right - frame.right - 1);
    const scrolls = part.closest(".ham-tray-works, .ham-thumb, .ham-large");
    if (box.width && out > 0 && !scrolls && part.checkVisibility())
      faults.push(`${part.className} ${part.textContent.trim()} stands out`);
  }
  for (const label of root.querySelectorAll("dt")) {
    const [box, value] = [label, label.nextElementSibling].map((each) => each.getBoundingClientRect());
    if (box.right > value.left + 1 || Math.abs(box.top - value.top) > 3)
      faults.push(`${label.textContent} does not stand beside its value`);
  }
  return faults;
}
"""


def faults(element: Locator) -> list[str]:
    """Return what is wrong with how an element and all that is in it are laid out."""
    return element.evaluate(FAULTS)
