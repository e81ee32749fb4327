import { expect, it } from 'vitest';
import { parseSizes } from './scale-options.ts';

it('reads growing sizes', () => {
  expect(parseSizes('people', '2,20,200')).toEqual([2, 20, 200]);
  expect(parseSizes('people', '100')).toEqual([100]);
});

it.each(['', 'many', '10,5', '10,10', '1', '2.5', '5,'])('refuses %j and names the option', (text) => {
  expect(() => parseSizes('people', text)).toThrow(/--people/u);
});
