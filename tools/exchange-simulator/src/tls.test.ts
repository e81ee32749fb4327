import { request } from 'node:https';
import { expect, test } from 'vitest';
import { startExchangeSimulator } from './start-exchange-simulator.ts';
import { control } from './testing/fixture.ts';
import { testCertificate, testCertificateKey } from './testing/test-certificate.ts';

test('with key and certificate EWS is served over HTTPS, and the control API stays plain', async () => {
  const simulator = await startExchangeSimulator({ tls: { key: testCertificateKey, cert: testCertificate } });
  try {
    expect(simulator.ewsUrl).toBe(`https://127.0.0.1:${simulator.port}/EWS/Exchange.asmx`);
    const status = await new Promise((resolve, reject) => {
      request(simulator.ewsUrl, { ca: testCertificate }, (response) => resolve(response.resume().statusCode))
        .once('error', reject)
        .end();
    });
    expect(status).toBe(401);
    expect((await control(simulator, 'GET', '/health')).json).toEqual({ ok: true });
  } finally {
    await simulator.close();
  }
});

test('a certificate that is none ends the start with an error', async () => {
  await expect(startExchangeSimulator({ tls: { key: 'no key', cert: 'no certificate' } })).rejects.toThrow();
});
