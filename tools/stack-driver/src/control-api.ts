/** A simulator's control API: JSON in and out. @throws Error with the simulator's words when it refuses */
export async function callControl(baseUrl: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const content =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${baseUrl}${path}`, { method, ...content });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${baseUrl}${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
