/** Module names of all imports and re-exports of a source text: static and dynamic ones, of values and of types. */
export function importedModules(source: string): string[] {
  return [...source.matchAll(STATEMENTS)].flatMap((match) => match[1] ?? match[2] ?? match[3] ?? []);
}

/** `import … from`, `export … from` (names may have comments between them), `import '…'`, `import('…')`. */
const STATEMENTS =
  /(?:^|[\n;])\s*(?:import|export)\b(?:[^'";]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*?\bfrom\s*['"]([^'"]+)['"]|(?:^|[\n;])\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*[,)]/gu;
