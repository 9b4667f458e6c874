/** A list of whole numbers that grows: half again as long whenever it is full. */
export class GrowingList {
  items: Uint32Array
  length = 0

  constructor(capacity = 16) {
    this.items = new Uint32Array(capacity)
  }

  push(item: number): void {
    if (this.length === this.items.length) {
      const longer = new Uint32Array(Math.ceil(this.length * 1.5) + 1)
      longer.set(this.items)
      this.items = longer
    }
    this.items[this.length++] = item
  }
}
