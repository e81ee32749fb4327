/**
 * Floors within a package, the top one first. Each entry is a file or a folder of `src`. What stands on a floor may import
 * what stands below it, and within its own folder; neighbours on a floor do not know each other.
 */
const FLOORS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'sync-worker': [
    ['main.ts', 'index.ts'],
    ['sync-worker.ts'],
    ['assemble.ts'],
    ['prepare-reload.ts'],
    ['upkeep.ts', 'operator-facts.ts'],
    ['directory', 'places'],
    ['exchange'],
    ['streams'],
    ['engine'],
    ['accounts', 'ownership'],
    ['rendezvous-weight.ts'],
  ],
  'ws-gateway': [
    ['main.ts', 'index.ts'],
    ['ws-gateway.ts'],
    ['assemble.ts'],
    ['gateway-port.ts', 'methods'],
    ['delivery', 'sign-in'],
    ['gateway-metrics.ts'],
    ['connections'],
    ['transport'],
  ],
};

/** Packages that a folder must not know, tests included. */
const HIDDEN_FROM: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // All that is Exchange's comes to the engine through its port.
  'sync-worker': { engine: ['ews-client'], ownership: ['ews-client'] },
};

/** Folders that only tests use: they may import everything in the package. */
const TEST_FOLDERS = new Set(['testing', 'golden']);

/**
 * Checks one import within a package.
 * @param file path below `src` of the importing file @param target path below `src` of the imported one
 * @returns what is wrong, null when nothing is, or when the package has no floors
 */
export function checkFloor(packageName: string, file: string, target: string): string | null {
  const floors = FLOORS[packageName];
  const [from, to] = [roomOf(file), roomOf(target)];
  if (floors === undefined || TEST_FOLDERS.has(from) || /\.test\.ts$/u.test(file)) return null;
  const [own, other] = [from, to].map((room) => floors.findIndex((floor) => floor.includes(room)));
  if (TEST_FOLDERS.has(to)) return `${to}/ is for tests alone`;
  if (own === undefined || own < 0) return `${from} is not in the table of floors (.ci/import-floors.ts)`;
  if (other === undefined || other < 0) return `${to} is not in the table of floors (.ci/import-floors.ts)`;
  return from === to || own < other ? null : `${from} stands no higher than ${to}, so it may not import ${target}`;
}

/** Whether a file may import a package, as far as its folder goes. @param file path below `src` @returns what is wrong, or null */
export function checkHidden(packageName: string, file: string, dependency: string): string | null {
  const room = roomOf(file);
  const isHidden = HIDDEN_FROM[packageName]?.[room]?.includes(dependency) === true;
  return isHidden ? `${room}/ may not use ${dependency}` : null;
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? path;
}
