// @ts-check
// A picture of one's own to search by: chosen, dropped on the interface, or pasted.

import { h } from "./dom.js";

const SIDE = 512; // pixels of the longer side that is sent: more than any encoder looks at
const LARGEST = 20_000_000; // bytes of a file that the browser cannot make smaller

export class OwnPicture {
  #inside = 0;

  /**
   * @param {object} told
   * @param {(data: string, name: string, picture: Blob) => void} told.onPicture given its file in base64
   * @param {(said: string) => void} told.onFault
   */
  constructor({ onPicture, onFault }) {
    this.onPicture = onPicture;
    this.onFault = onFault;
    this.field = h("input", {
      type: "file",
      accept: "image/*",
      hidden: true,
      onchange: () => this.#take(this.field.files),
    });
    this.target = h(
      "div",
      { class: "ham-drop", hidden: true },
      h("p", { text: "Drop a picture to find works like it" }),
    );
  }

  choose() {
    this.field.value = "";
    this.field.click();
  }

  /**
   * Take what is dropped or pasted anywhere on an element.
   *
   * @param {HTMLElement} element
   */
  listen(element) {
    element.addEventListener("dragenter", (event) => this.#over(event, 1));
    element.addEventListener("dragleave", (event) => this.#over(event, -1));
    element.addEventListener("dragover", (event) => hasFile(event.dataTransfer) && event.preventDefault());
    element.addEventListener("drop", (event) => {
      this.#inside = 0;
      this.target.hidden = true;
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      event.stopPropagation();
      this.#take(event.dataTransfer.files);
    });
    element.addEventListener("paste", (event) => {
      if (!event.clipboardData?.files.length) return;
      event.preventDefault();
      event.stopPropagation();
      this.#take(event.clipboardData.files);
    });
  }

  /**
   * @param {DragEvent} event
   * @param {1 | -1} step
   */
  #over(event, step) {
    if (!hasFile(event.dataTransfer)) return;
    event.preventDefault();
    this.#inside = Math.max(0, this.#inside + step);
    this.target.hidden = !this.#inside;
  }

  /** @param {FileList | null} files */
  async #take(files) {
    const file = [...(files ?? [])].find((each) => each.type.startsWith("image/")) ?? files?.[0];
    if (!file) return;
    const picture = await smaller(file);
    if (picture.size > LARGEST) return this.onFault("This picture is too large. Make it smaller than 20 MB.");
    this.onPicture(await base64(picture), file.name, picture);
  }
}

/** @param {DataTransfer | null} given */
function hasFile(given) {
  return !!given?.types.includes("Files");
}

/**
 * The picture as a small JPEG, or as it is where the browser does not know its kind.
 *
 * @param {File} file
 * @returns {Promise<Blob>}
 */
async function smaller(file) {
  try {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(image.width, image.height));
    const width = Math.max(1, Math.round(image.width * scale));
    const height = Math.max(1, Math.round(image.height * scale));
    const canvas = h("canvas", { width, height });
    const pen = canvas.getContext("2d");
    if (!pen) return file;
    pen.imageSmoothingQuality = "high";
    pen.fillStyle = "#fff"; // what is transparent
    pen.fillRect(0, 0, width, height);
    pen.drawImage(image, 0, 0, width, height);
    return await new Promise((done) => canvas.toBlob((blob) => done(blob ?? file), "image/jpeg", 0.93));
  } catch {
    return file;
  }
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
function base64(blob) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => fail(reader.error);
    reader.readAsDataURL(blob);
  });
}
