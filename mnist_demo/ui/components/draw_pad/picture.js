/**
 * A picture laid on the pad, as large as it fits. Its place is in units of the pad's side; a transparent picture gets
 * the paper on which it shows, and ink drawn over it the colour that shows on both.
 */
export class Picture {
  /** @param {HTMLImageElement | HTMLCanvasElement} image - which has been loaded */
  constructor(image) {
    const [width, height] = image instanceof HTMLImageElement ? [image.naturalWidth, image.naturalHeight] : [image.width, image.height];
    this.image = image;
    this.side = Math.max(width, height); // px
    this.width = width / this.side;
    this.height = height / this.side;
    this.left = (1 - this.width) / 2;
    this.top = (1 - this.height) / 2;
    const { isBright, isOpaque } = lookAt(image);
    this.paper = isBright ? "black" : "white";
    this.ink = isOpaque === isBright ? "black" : "white";
  }

  /**
   * Load the picture of a data URL or a file.
   * @param {string | Blob} source
   * @returns {Promise<Picture>} rejects with an Error that tells what is wrong with it
   */
  static async load(source) {
    const url = typeof source === "string" ? source : URL.createObjectURL(source);
    const image = new Image();
    try {
      image.src = url;
      await image.decode();
      if (!image.naturalWidth || !image.naturalHeight) throw new Error("it has no size");
      return new Picture(image);
    } catch {
      const name = source instanceof File ? `“${source.name}”` : "This";
      throw new Error(`${name} is not a picture that this browser can show.`);
    } finally {
      if (url !== source) URL.revokeObjectURL(url);
    }
  }

  /** @param {CanvasRenderingContext2D} context - scaled so that the pad's side is 1 */
  paint(context) {
    context.imageSmoothingEnabled = this.side > 100; // pixels of a small picture stay crisp
    context.fillStyle = this.paper;
    context.fillRect(this.left, this.top, this.width, this.height);
    context.drawImage(this.image, this.left, this.top, this.width, this.height);
  }
}

/**
 * Say whether what a picture shows is bright, and whether it is opaque all over.
 * @param {CanvasImageSource} image
 */
function lookAt(image) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(image, 0, 0, 16, 16);
  const { data } = context.getImageData(0, 0, 16, 16);
  let light = 0;
  let cover = 0;
  for (let at = 0; at < data.length; at += 4) {
    light += ((data[at] + data[at + 1] + data[at + 2]) / 3) * data[at + 3];
    cover += data[at + 3];
  }
  return { isBright: light > 127 * cover, isOpaque: cover === (255 * data.length) / 4 };
}
