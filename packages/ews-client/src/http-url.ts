/** An http or https address; null for everything else. */
export function parseHttpUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : null;
}

/** Whether an address holds a login, which is then in every log. */
export function hasLogin({ username, password }: URL): boolean {
  return username !== '' || password !== '';
}
