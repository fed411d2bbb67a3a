/** How many there are now, how many there were at most at once, and in all. */
class Count {
  now = 0;
  most = 0;
  total = 0;

  /**
   * One begins. It is over when this side says that it has no more to say, or when it is gone: whoever has heard the end
   * may let the next one come before this side hears that the end has arrived.
   */
  until(stream) {
    this.now++;
    this.total++;
    this.most = Math.max(this.most, this.now);
    let isOver = false;
    const over = () => {
      if (!isOver) this.now--;
      isOver = true;
    };
    const end = stream.end;
    stream.end = (...last) => {
      over();
      return end.apply(stream, last);
    };
    stream.once('close', over);
  }

  forget() {
    this.most = this.now;
    this.total = 0;
  }
}

module.exports = { Count };
