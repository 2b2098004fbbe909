import { Camera } from "./camera.js";

/** The button of the camera: the first press shows its picture, the second takes it. */
export class CameraButton {
  /**
   * @param {HTMLButtonElement} button
   * @param {HTMLVideoElement} video
   * @param {{ start: () => void, take: (photo: Blob) => void, fail: (error: Error) => void,
   *   openOther: () => void }} listeners - the last where the page may not use a camera, but a phone may open its own
   */
  constructor(button, video, listeners) {
    this.button = button;
    this.camera = new Camera(video);
    this.listeners = listeners;
    button.addEventListener("click", () => this.press());
  }

  get isOn() {
    return this.camera.isOn;
  }

  press() {
    if (this.isOn) {
      this.take();
    } else if (Camera.isAllowed) {
      this.start();
    } else {
      this.listeners.openOther();
    }
  }

  async start() {
    this.button.disabled = true; // until there is something to take
    try {
      await this.camera.start();
      this.button.textContent = "Take";
      this.listeners.start();
    } catch (error) {
      this.stop();
      this.listeners.fail(/** @type {Error} */ (error));
    } finally {
      this.button.disabled = false;
    }
  }

  async take() {
    this.button.disabled = true;
    try {
      this.listeners.take(await this.camera.take());
    } catch (error) {
      this.listeners.fail(/** @type {Error} */ (error));
    } finally {
      this.button.disabled = false;
      this.stop();
    }
  }

  stop() {
    this.camera.stop();
    this.button.textContent = "Camera";
  }
}
