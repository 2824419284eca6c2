// @ts-check
// The line that says what is going on, and the one that says what went wrong.

import { h, setText } from "./dom.js";
import { LOOKING, SERVER_STILL_WAITING, STILL_WAITING, STOPPED } from "./words.js";

const PATIENCE = 10_000; // milliseconds before the interface wonders whether Python is still there

export class Status {
  /** @type {number | undefined} */
  #timer;
  #overdue = false;
  /** Said to screen readers alone when there is nothing else to say. */
  announcement = "";
  /** What went wrong on this side, and Python knows nothing of. */
  fault = "";

  /** @param {() => void} onOverdue */
  constructor(onOverdue) {
    this.onOverdue = onOverdue;
    this.line = h("p", { class: "ham-status", role: "status" });
    this.alert = h("p", { class: "ham-alert", role: "alert" });
    this.element = h("div", { class: "ham-said" }, this.line, this.alert);
  }

  /** Begin to wait for an answer. */
  wait() {
    this.stop();
    this.#overdue = false;
    this.#timer = setTimeout(() => {
      this.#overdue = true;
      this.onOverdue();
    }, PATIENCE);
  }

  /** Wait no longer. */
  stop() {
    clearTimeout(this.#timer);
  }

  /**
   * @param {object} now
   * @param {boolean} now.waiting whether this view waits for an answer
   * @param {boolean} now.busy whether any answer is being made
   * @param {string} now.message
   * @param {string} now.error
   * @param {boolean} now.lost whether Python is gone
   * @param {boolean} now.served whether a server answers, and no notebook
   */
  draw({ waiting, busy, message, error, lost, served }) {
    const overdue = served ? SERVER_STILL_WAITING : STILL_WAITING;
    const looking = waiting && this.#overdue ? overdue : LOOKING;
    const shown = busy ? looking : lost ? "" : message;
    const fault = lost ? STOPPED : busy ? "" : this.fault || error;
    this.line.classList.toggle("ham-hidden", !shown);
    setText(this.line, shown || (fault ? "" : this.announcement));
    setText(this.alert, fault);
  }
}
