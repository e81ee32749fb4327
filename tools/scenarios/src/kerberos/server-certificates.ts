import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ServerCertificate {
  readonly name: string;
  readonly cert: string;
  readonly key: string;
}

/** Self-signed, with ECDSA and SHA-256, for `localhost` (valid until 2126); nothing outside these tests trusts it. */
export const ownCertificate: ServerCertificate = {
  name: 'own',
  cert: `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUT32YsoJWZPVLZvc6v0NNj5sD/cYwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTIwMTAxNDAxOVoYDzIxMjYxMTA3
MDE0MDE5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQtBe9nWccC+zK8cnZRsQNxSMMeorn+nCbiEKzgt4lL5wfQ52X5li9l
hHBoW9yexOJhV3GDSnurAcJoaxxv3fUKo2kwZzAdBgNVHQ4EFgQUCfVlFLHHKpg5
MK3DKyVXdZ+lz5cwHwYDVR0jBBgwFoAUCfVlFLHHKpg5MK3DKyVXdZ+lz5cwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgO4LV5nhaBWRiJjyw5k6JuccLVBDvVuSoLMH8MZoSO38CIQCZSlCwk0xY
6PC0nx6Pv5t5BZLzkbyrUo/T/iULVWs6uA==
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWcIIWETY5zU3rqH7
qVc3VsHDGBaO3KVOTzNbuaQ5AJehRANCAAQtBe9nWccC+zK8cnZRsQNxSMMeorn+
nCbiEKzgt4lL5wfQ52X5li9lhHBoW9yexOJhV3GDSnurAcJoaxxv3fUK
-----END PRIVATE KEY-----`,
};

/** Another one of the same kind. */
export const otherCertificate: ServerCertificate = {
  name: 'other',
  cert: `-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUKfp8k/zt7yHtAyY3LYrZDeqCCokwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTIwMTAxNDAxOVoYDzIxMjYxMTA3
MDE0MDE5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ1dp2399Yi+D25EvH4mlCBYyt7kUUCxSiDZlfQon60I4pmrvieoV7t
F8OhqaHHUG9iFi5YTq+0g8GxuXdl2g7Ro2kwZzAdBgNVHQ4EFgQUfrq0GlzdEdxq
clb/OeQSEH/KNu4wHwYDVR0jBBgwFoAUfrq0GlzdEdxqclb/OeQSEH/KNu4wDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SQAwRgIhANE1suxQfaBKACMAe0QVjgpa574XUV6lXiarbVZhED30AiEAynkOtYg2
2e36RV7K68cVgLgwxDpMGNWC8cswi+BcYjE=
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxc/2D1sYwRpykdqY
RxCcibXOQ4eE537EOaODCXZ0jkWhRANCAAQ1dp2399Yi+D25EvH4mlCBYyt7kUUC
xSiDZlfQon60I4pmrvieoV7tF8OhqaHHUG9iFi5YTq+0g8GxuXdl2g7R
-----END PRIVATE KEY-----`,
};

/** Writes it into a folder as PEM files. @returns their paths */
export function writeCertificate(
  folder: string,
  { name, cert, key }: ServerCertificate,
): { cert: string; key: string } {
  const files = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  if (!existsSync(files.cert)) {
    writeFileSync(files.cert, `${cert}\n`);
    writeFileSync(files.key, `${key}\n`);
  }
  return files;
}
