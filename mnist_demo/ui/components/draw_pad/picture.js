/**
 * A picture laid on the pad, as large as it fits. Its place is in units of the pad's side. What the server reads is the
 * file itself.
 */
export class Picture {
  static PAPER = "#808080"; // behind what is transparent: ink of either colour shows on it

  /**
   * @param {HTMLImageElement} image - which has been loaded
   * @param {Blob} file - that it was loaded from
   */
  constructor(image, file) {
    const { naturalWidth: width, naturalHeight: height } = image;
    this.image = image;
    this.file = file;
    this.side = Math.max(width, height); // px
    this.width = width / this.side;
    this.height = height / this.side;
    this.left = (1 - this.width) / 2;
    this.top = (1 - this.height) / 2;
  }

  /**
   * Load the picture of a file or a data URL.
   * @param {Blob | string} source
   * @returns {Promise<Picture>} rejects with an Error that tells what is wrong with it
   */
  static async load(source) {
    const file = typeof source === "string" ? decode(source) : source;
    const url = URL.createObjectURL(file);
    const image = new Image();
    try {
      image.src = url;
      await image.decode();
      if (!image.naturalWidth || !image.naturalHeight) throw new Error("it has no size");
      return new Picture(image, file);
    } catch {
      const name = source instanceof File ? `“${source.name}”` : "This";
      throw new Error(`${name} is not a picture that this browser can show.`);
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  /** @param {CanvasRenderingContext2D} context - scaled so that the pad's side is 1 */
  paint(context) {
    context.imageSmoothingEnabled = this.side > 100; // pixels of a small picture stay crisp
    context.fillStyle = Picture.PAPER;
    context.fillRect(this.left, this.top, this.width, this.height);
    context.drawImage(this.image, this.left, this.top, this.width, this.height);
  }
}

/** Return the file in a data URL with base64. @param {string} url */
function decode(url) {
  const [head, content] = url.split(",");
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  return new Blob([bytes], { type: head.slice("data:".length, head.indexOf(";")) });
}
