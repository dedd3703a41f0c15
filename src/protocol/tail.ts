/** The end of a text stream of which no more than so many bytes are kept. */
interface Tail {
  add(chunk: Uint8Array): void;
  text(): string;
}

export function tailOf(most: number): Tail {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let cut = false;
  return {
    add(chunk) {
      chunks.push(chunk);
      length += chunk.length;
      while (length - chunks[0].length >= most) {
        length -= chunks[0].length;
        chunks.shift();
        cut = true;
      }
    },
    text() {
      const whole = Buffer.concat(chunks);
      const text = whole.subarray(-most).toString('utf8');
      // A character cut in half at the start would be shown as several replacement characters.
      return cut || whole.length > most ? text.replace(/^\uFFFD+/, '') : text;
    },
  };
}
