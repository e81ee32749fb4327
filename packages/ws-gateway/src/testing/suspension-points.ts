/** Called at a suspension point with its name: `tokens.verify`, `database.query`. */
export type OnPoint = (name: string) => void;

/**
 * Wraps what methods work with, so that every call that they wait for is a suspension point: `onPoint` runs when the call
 * has ended and before the method goes on. A call that is added later is a point by itself.
 *
 * @param services objects and functions by name; what is neither stays as it is
 */
export function withSuspensionPoints<T extends object>(services: T, onPoint: OnPoint): T {
  const wrapped = Object.entries(services).map(([name, service]) => [name, wrap(name, service, onPoint)]);
  return Object.fromEntries(wrapped) as T;
}

function wrap(name: string, service: unknown, onPoint: OnPoint): unknown {
  if (typeof service === 'function') return awaited(name, service as Call, onPoint);
  if (typeof service !== 'object' || service === null) return service;
  return new Proxy(service, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return awaited(`${name}.${String(property)}`, (...given) => Reflect.apply(value, target, given), onPoint);
    },
  });
}

type Call = (...given: unknown[]) => unknown;

function awaited(name: string, call: Call, onPoint: OnPoint): Call {
  return (...given) => {
    const result = call(...given);
    return result instanceof Promise ? result.finally(() => onPoint(name)) : result;
  };
}
