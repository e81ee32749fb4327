/** A class at the top of a file or within a function: its name, what it extends, and its body up to its closing brace. */
const CLASS =
  /^(?<indent> *)(?:export )?(?:abstract )?class (?<name>\w+)(?:<[^>]*>)? extends (?<parent>[\w.]*Error)\b[^{]*\{(?<body>\}|[\s\S]*?^\k<indent>\})/gmu;
/** Error classes of the language, which give neither a name nor a code. */
const PLAIN = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError', 'AggregateError']);
/** The code of a class that has one and no more. */
const CODE = /^\s+(?:override )?readonly code = '(?<code>[^']+)'/mu;

/**
 * Finds error classes that are not made as all others are. A name ends in `Error`. A class that extends `Error` itself sets
 * `this.name = new.target.name` and has a `readonly code`; one that extends another error class of ours inherits both, and may
 * have a code of its own. No two classes have the same code.
 *
 * @param sources texts of source files by their paths
 * @returns one line per problem, `path: class what is wrong`
 */
export function errorClassProblems(sources: ReadonlyMap<string, string>): string[] {
  const problems: string[] = [];
  /** For each code the class that has it. */
  const owners = new Map<string, string>();
  for (const [path, text] of sources) {
    for (const { groups } of text.matchAll(CLASS)) {
      const { name = '', parent = '', body = '' } = groups ?? {};
      const code = CODE.exec(body)?.groups?.code;
      const found = formProblems(name, parent, body);
      const owner = code === undefined ? undefined : owners.get(code);
      if (owner !== undefined) found.push(`has the code ${code} of ${owner}`);
      else if (code !== undefined) owners.set(code, `${name} (${path})`);
      problems.push(...found.map((problem) => `${path}: ${name} ${problem}`));
    }
  }
  return problems;
}

function formProblems(name: string, parent: string, body: string): string[] {
  const problems: string[] = [];
  if (!name.endsWith('Error')) problems.push('must be named …Error');
  // An error class of a library says its own name and code, so ours would not be found by them.
  if (parent.includes('.')) problems.push(`must extend Error, with the ${parent} as its cause`);
  const setsName = /^\s+this\.name = /mu.test(body) || /^\s+(?:override )?(?:readonly )?name\b/mu.test(body);
  if (!PLAIN.has(parent)) {
    if (setsName) problems.push(`gets its name from ${parent} and must not set it`);
    return problems;
  }
  if (!/^\s+this\.name = new\.target\.name;$/mu.test(body)) problems.push('must set `this.name = new.target.name`');
  if (!/^\s+(?:abstract )?readonly code\b/mu.test(body)) problems.push('must have a `readonly code`');
  return problems;
}
