import type { FaultRule } from './fault-rule.ts';

/** A rule that was set, with its counters. */
export interface ActiveFault {
  readonly id: string;
  readonly rule: FaultRule;
  /** Requests struck so far. */
  struck: number;
  /** Matching requests seen so far, passed ones included. */
  seen: number;
}

/** The faults in force. The first matching rule that still has strikes left wins. */
export class FaultPlan {
  #faults: ActiveFault[] = [];
  #nextId = 1;

  add(rule: FaultRule): ActiveFault {
    const fault = { id: `fault-${this.#nextId}`, rule, struck: 0, seen: 0 };
    this.#nextId += 1;
    this.#faults.push(fault);
    return fault;
  }

  list(): ActiveFault[] {
    return this.#faults;
  }

  /** Removes one fault; false when there is none by that id. */
  remove(id: string): boolean {
    const before = this.#faults.length;
    this.#faults = this.#faults.filter((fault) => fault.id !== id);
    return this.#faults.length < before;
  }

  clear(): void {
    this.#faults = [];
  }

  /** The fault that strikes this request, already counted. */
  strike(operation: string | undefined, mailbox: string | undefined): ActiveFault | undefined {
    for (const fault of this.#faults) {
      if (!matches(fault.rule, operation, mailbox)) continue;
      if (fault.rule.times !== null && fault.struck >= fault.rule.times) continue;
      fault.seen += 1;
      if (fault.seen <= fault.rule.skip) continue;
      fault.struck += 1;
      return fault;
    }
    return undefined;
  }
}

function matches(rule: FaultRule, operation: string | undefined, mailbox: string | undefined): boolean {
  const operations = rule.operation === undefined ? undefined : [rule.operation].flat();
  if (operations !== undefined && (operation === undefined || !operations.includes(operation))) return false;
  return rule.mailbox === undefined || rule.mailbox.toLowerCase() === mailbox?.toLowerCase();
}
