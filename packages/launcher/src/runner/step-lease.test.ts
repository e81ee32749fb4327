import { describe, expect, it } from 'vitest';
import { LEASE_MS, LeaseEndingError, LeaseLostError, REQUEST_TIMEOUT_MS, StepLease } from './step-lease.ts';

describe('StepLease', () => {
  const lease = (renew: () => Promise<boolean> = async () => true) => {
    const clock = { now: 1_000 };
    return { clock, lease: new StepLease(clock.now, renew, () => clock.now) };
  };

  it('lets nothing be sent whose answer could come after the claim', () => {
    const { clock, lease: held } = lease();
    held.check();
    clock.now += LEASE_MS - REQUEST_TIMEOUT_MS - 1_000;
    held.check();
    clock.now += 1;
    expect(() => held.check()).toThrow(LeaseEndingError);
  });

  it('is renewed before a request that would not fit', async () => {
    const { clock, lease: held } = lease();
    clock.now += LEASE_MS;
    await held.ensure();
    held.check();
  });

  it('ends all sending when somebody else has taken over', async () => {
    const { clock, lease: held } = lease(async () => false);
    await held.ensure();
    clock.now += LEASE_MS;
    await expect(held.ensure()).rejects.toThrow(LeaseLostError);
    expect(() => held.check()).toThrow(LeaseEndingError);
  });
});
