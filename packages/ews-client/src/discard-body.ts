const worthReading = 64 * 1024;

/**
 * Reads the rest of a body that nobody needs, so that its socket can serve again; a long one is cut off with its
 * socket. Failures do not matter any more.
 */
export async function discardBody(body: AsyncIterable<Uint8Array>): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes > worthReading) return;
    }
  } catch {
    // The answer's status is the news; that its body broke off adds nothing.
  }
}
