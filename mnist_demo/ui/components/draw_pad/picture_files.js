import { listenWhileMounted } from "../mounting.js";

/** Picture files that a visitor hands to the pad: chosen, dropped on the board, or pasted. */
export class PictureFiles {
  /**
   * @param {{ board: HTMLElement, input: HTMLInputElement }} elements
   * @param {(file: File) => void} take
   */
  constructor({ board, input }, take) {
    this.input = input;
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (file) take(file);
      input.value = ""; // so that the same file can be chosen again
    });
    this.listenForDrops(board, take);
  }

  /** Let the visitor choose a file, or take a photo with the camera of a phone. */
  choose({ withCamera = false } = {}) {
    this.input.toggleAttribute("capture", withCamera);
    this.input.click();
  }

  /**
   * @param {HTMLElement} board
   * @param {(file: File) => void} take
   */
  listenForDrops(board, take) {
    board.addEventListener("dragover", (event) => {
      event.preventDefault();
      board.classList.add("dropping");
    });
    board.addEventListener("dragleave", () => board.classList.remove("dropping"));
    board.addEventListener("drop", (event) => {
      event.preventDefault();
      board.classList.remove("dropping");
      const file = event.dataTransfer?.files[0];
      if (file) take(file);
    });
  }
}

/**
 * Return the picture among what is pasted, if there is one.
 * @param {ClipboardEvent} event
 */
export function pastedPicture({ clipboardData }) {
  return [...(clipboardData?.files ?? [])].find((file) => file.type.startsWith("image/"));
}
