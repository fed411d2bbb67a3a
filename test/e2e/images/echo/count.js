/** How many there are now, how many there were at most at once, and in all. */
class Count {
  now = 0;
  most = 0;
  total = 0;

  /** One begins, which ends when `emitter` is closed. */
  until(emitter) {
    this.now++;
    this.total++;
    this.most = Math.max(this.most, this.now);
    emitter.once('close', () => this.now--);
  }

  forget() {
    this.most = this.now;
    this.total = 0;
  }
}

module.exports = { Count };
