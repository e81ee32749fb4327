/**
 * Compiles `native/gssapi.cpp` into `prebuilt/`, where the package finds it: with the system's `c++`, the headers of
 * `node-api-headers` and the libraries of `libkrb5-dev`. For whoever makes packages; an installation never compiles.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { addonFile } from './src/addon-file.ts';

const { include_dir: nodeHeaders } = createRequire(import.meta.url)('node-api-headers') as { include_dir: string };
const source = join(import.meta.dirname, 'native/gssapi.cpp');
const target = addonFile();
mkdirSync(join(target, '..'), { recursive: true });
const made = `${target}.new`;
const strict = ['-Wall', '-Wextra', '-Werror'];
const hardened = ['-fstack-protector-strong', '-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=2', '-Wl,-z,relro,-z,now'];
// The C++ library goes into the file: an older one on the target machine must not matter.
const shared = ['-shared', '-fPIC', '-fvisibility=hidden', '-static-libstdc++', '-static-libgcc', '-s'];
const libraries = ['-lgssapi_krb5', '-lkrb5'];
const { error, status } = spawnSync(
  'c++',
  [
    ...['-std=c++17', '-O2', '-DNAPI_VERSION=8', ...strict, ...hardened, ...shared],
    ...['-isystem', nodeHeaders, '-o', made, source, ...libraries],
  ],
  { stdio: 'inherit' },
);
if (error === undefined && status === 0) {
  renameSync(made, target);
  console.log(`made ${target}`);
} else {
  console.error(
    'the Kerberos addon was not compiled: install a C++ compiler and libkrb5-dev (Debian: g++ libkrb5-dev)',
  );
  process.exitCode = 1;
}
