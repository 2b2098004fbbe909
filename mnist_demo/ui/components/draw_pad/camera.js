/** A live picture of the camera, shown in a <video> until it is taken or given up. */
export class Camera {
  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.video = video;
    /** @type {MediaStream | null} */
    this.stream = null;
  }

  /** Whether this page may use a camera: browsers allow it on https and on localhost only. */
  static get isAllowed() {
    return Boolean(navigator.mediaDevices?.getUserMedia);
  }

  get isOn() {
    return this.stream !== null;
  }

  /** Show the camera's picture; rejects if there is no camera or the visitor says no. */
  async start() {
    const constraints = { video: { facingMode: "environment" } };
    this.stream = await navigator.mediaDevices.getUserMedia(constraints);
    this.video.srcObject = this.stream;
    this.video.hidden = false;
    await this.video.play();
  }

  /** Return the square in the middle of the current picture, as it is shown, as a canvas. */
  take() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const side = Math.min(width, height);
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.drawImage(this.video, (side - width) / 2, (side - height) / 2);
    return canvas;
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
    this.video.hidden = true;
  }
}
