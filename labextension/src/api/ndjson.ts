/** Reads a byte stream as JSON lines; a line may arrive in pieces, and several may arrive at once. */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.trim() !== '') {
          yield JSON.parse(line) as unknown;
        }
      }
      if (done) {
        break;
      }
    }
    if (rest.trim() !== '') {
      yield JSON.parse(rest) as unknown;
    }
  } finally {
    reader.releaseLock();
  }
}
