import { Temporal } from 'temporal-polyfill';
import { checkSequence } from '../soap/check-sequence.ts';
import { child, type XmlElement } from '../soap/xml-element.ts';
import { m, t, type XmlNode } from '../soap/xml-node.ts';
import { allWindowsZones } from '../time/windows-zones.ts';
import { answerEach } from './per-element.ts';
import type { RequestContext } from './request-context.ts';

/** GetServerTimeZones: ids and names; full data is one period per zone, its offset now. */
export function getServerTimeZones(request: XmlElement, context: RequestContext): XmlNode[] {
  checkSequence(request, ['Ids']);
  const wanted = child(request, 'Ids')?.children.map(({ text }) => text.trim());
  const full = request.attributes.ReturnFullTimeZoneData !== 'false';
  const zones = allWindowsZones().filter(
    ({ id }) => wanted === undefined || wanted.length === 0 || wanted.includes(id),
  );
  return answerEach('GetServerTimeZones', [request], () => [
    m(
      'TimeZoneDefinitions',
      zones.map(({ id, iana }) =>
        t('TimeZoneDefinition', full ? rules(iana, context.organization.now()) : [], { Id: id, Name: id }),
      ),
    ),
  ]);
}

function rules(iana: string, now: number): XmlNode[] {
  const minutes = -Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(iana).offsetNanoseconds / 60e9;
  const absolute = Math.abs(minutes);
  const bias = `${minutes < 0 ? '-' : ''}PT${Math.floor(absolute / 60)}H${absolute % 60}M`;
  return [
    t('Periods', t('Period', [], { Bias: bias, Name: 'Standard', Id: 'std' })),
    t('TransitionsGroups', t('TransitionsGroup', t('Transition', t('To', 'std', { Kind: 'Period' })), { Id: '0' })),
    t('Transitions', t('Transition', t('To', '0', { Kind: 'Group' }))),
  ];
}
