import { expect, it } from 'vitest';
import { requireResources } from './resources.ts';

it('lets a table begin for which there is room', async () => {
  await expect(requireResources('people at 2', { memoryMib: 1, diskMib: 1 })).resolves.toBeUndefined();
});

it.each([
  [
    { memoryMib: 1, diskMib: 1e12 },
    /^events at 10 needs about 1000000000000 MiB of disk in .+: free some, or give smaller sizes$/u,
  ],
  [{ memoryMib: 1e12, diskMib: 1 }, /^events at 10 needs about 1000000000000 MiB of memory/u],
])('refuses a table that would fill the machine, and says what is missing', async (need, message) => {
  await expect(requireResources('events at 10', need)).rejects.toThrow(message);
});
