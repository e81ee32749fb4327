import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { SiteAddress } from './routing/sites.ts';
import { startExchangeSimulator } from './start-exchange-simulator.ts';
import { autodiscoverEnvelope, getUserSettings } from './testing/discover.ts';
import { control } from './testing/fixture.ts';
import { texts } from './testing/soap-client.ts';
import { testCertificate, testCertificateKey } from './testing/test-certificate.ts';

/** The body of the answer, asked for as Anna. */
async function post(url: URL, body: string): Promise<string> {
  const sent = request(url, { method: 'POST', ca: testCertificate, auth: 'anna:demo', agent: false }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return text(response);
}

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

test('with TLS a further site has it too, and Autodiscover tells its address so', async () => {
  const simulator = await startExchangeSimulator({ tls: { key: testCertificateKey, cert: testCertificate } });
  try {
    const { json: north } = await control<SiteAddress>(simulator, 'POST', '/sites', { name: 'north' });
    expect(north.ewsUrl).toBe(`https://127.0.0.1:${north.port}/EWS/Exchange.asmx`);
    const backEnds = [{ name: 'EX01' }, { name: 'EX09', site: 'north' }];
    await control(simulator, 'PATCH', '/settings', { backEnds });
    await control(simulator, 'POST', '/seed', {
      mailboxes: [{ address: 'anna@corp.example', password: 'demo', backEnd: 'EX09' }],
    });
    const asked = autodiscoverEnvelope(getUserSettings(['anna@corp.example'], ['ExternalEwsUrl']));
    for (const site of [simulator, north]) {
      const url = new URL('/autodiscover/autodiscover.svc', site.ewsUrl);
      expect(texts(await post(url, asked), 'Value')).toEqual([north.ewsUrl]);
    }
  } finally {
    await simulator.close();
  }
});

test('a certificate that is none ends the start with an error', async () => {
  await expect(startExchangeSimulator({ tls: { key: 'no key', cert: 'no certificate' } })).rejects.toThrow();
});
