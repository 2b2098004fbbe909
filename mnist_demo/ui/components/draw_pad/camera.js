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

  /** Return a photo as a file. Browsers without ImageCapture need a canvas for it. */
  async take() {
    const [track] = this.stream?.getVideoTracks() ?? [];
    if (track && "ImageCapture" in window) return new ImageCapture(track).takePhoto();
    const canvas = document.createElement("canvas");
    canvas.width = this.video.videoWidth;
    canvas.height = this.video.videoHeight;
    canvas.getContext("2d")?.drawImage(this.video, 0, 0);
    const photo = await new Promise((/** @type {BlobCallback} */ resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
    if (!photo) throw new Error("it shows nothing");
    return photo;
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
    this.video.hidden = true;
  }
}
