import { optionalText, required, requiredAttribute, requiredInteger, requiredText } from './element-fields.ts';
import type { EwsTimeZone, EwsZoneRules, EwsZoneTarget, EwsZoneTransition } from './time-zone-definition.ts';
import type { XmlElement } from './xml-element.ts';
import { parseDateTime, parseDurationMinutes, UnreadableFieldError } from './xsd-values.ts';

/**
 * A `t:StartTimeZone` or the like. Rules that cannot be read are left out instead of costing the item: its times are
 * exact without them (docs/reference/exchange.md §9.3).
 */
export function readTimeZone(element: XmlElement | undefined): EwsTimeZone | null {
  if (element === undefined) return null;
  const id = element.attribute('Id')?.trim() || null;
  const name = element.attribute('Name')?.trim() || null;
  const rules = readRules(element);
  return id === null && name === null && rules === null ? null : { id, name, rules };
}

function readRules(element: XmlElement): EwsZoneRules | null {
  const periods = element.child('t:Periods')?.children ?? [];
  if (periods.length === 0) return null;
  try {
    return {
      periods: periods.map((period) => ({
        id: requiredAttribute(period, 'Id'),
        name: period.attribute('Name') ?? '',
        // The wire counts minutes west of UTC.
        offsetMinutes: 0 - parseDurationMinutes(requiredAttribute(period, 'Bias'), '@Bias'),
      })),
      groups: (element.child('t:TransitionsGroups')?.children ?? []).map((group) => ({
        id: requiredAttribute(group, 'Id'),
        transitions: group.children.map(readTransition),
      })),
      transitions: (element.child('t:Transitions')?.children ?? []).map(readTransition),
    };
  } catch (failure) {
    if (failure instanceof UnreadableFieldError) return null;
    throw failure;
  }
}

function readTransition(element: XmlElement): EwsZoneTransition {
  const to = readTarget(element);
  switch (element.name) {
    case 't:Transition':
      return { type: 'always', to };
    case 't:AbsoluteDateTransition': {
      const wallTime = requiredText(element, 't:DateTime');
      parseDateTime(wallTime, 't:DateTime');
      return { type: 'absolute', to, wallTime: wallTime.slice(0, 19) };
    }
    case 't:RecurringDayTransition':
      return {
        type: 'recurringDay',
        to,
        ...readYearlyTime(element),
        dayOfWeek: requiredText(element, 't:DayOfWeek'),
        occurrence: requiredInteger(element, 't:Occurrence'),
      };
    case 't:RecurringDateTransition':
      return { type: 'recurringDate', to, ...readYearlyTime(element), day: requiredInteger(element, 't:Day') };
    default:
      throw new UnreadableFieldError(element.name, 'is no known transition');
  }
}

function readYearlyTime(element: XmlElement): { timeMinutes: number; month: number } {
  return {
    timeMinutes: parseDurationMinutes(requiredText(element, 't:TimeOffset'), 't:TimeOffset'),
    month: requiredInteger(element, 't:Month'),
  };
}

function readTarget(element: XmlElement): EwsZoneTarget {
  const kind = required(element, 't:To').attribute('Kind');
  const id = optionalText(element, 't:To') ?? '';
  if (kind === 'Period') return { kind: 'period', id };
  if (kind === 'Group') return { kind: 'group', id };
  throw new UnreadableFieldError('t:To/@Kind', 'is no known target');
}
