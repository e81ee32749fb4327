const namespaces =
  'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" ' +
  'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" ' +
  'xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors"';

/** A SOAP reply around some body content that uses the prefixes `t`, `m` and `e`. */
export function envelope(content: string): string {
  return (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">' +
    '<s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="1" ' +
    'xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types"/></s:Header>' +
    `<s:Body ${namespaces}>${content}</s:Body></s:Envelope>`
  );
}

/** The reply of an operation that answers each thing asked for. */
export function answers(operation: string, ...messages: readonly string[]): string {
  return envelope(
    `<m:${operation}Response><m:ResponseMessages>${messages.join('')}</m:ResponseMessages></m:${operation}Response>`,
  );
}

export function success(operation: string, content: string): string {
  return (
    `<m:${operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}` +
    `</m:${operation}ResponseMessage>`
  );
}

export function failure(operation: string, code: string, more = '', responseClass = 'Error'): string {
  return (
    `<m:${operation}ResponseMessage ResponseClass="${responseClass}"><m:MessageText>About Secret Subject</m:MessageText>` +
    `<m:ResponseCode>${code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>${more}` +
    `</m:${operation}ResponseMessage>`
  );
}

export function backOff(milliseconds: number, prefix = 'm'): string {
  return `<${prefix}:MessageXml><t:Value Name="Policy">x</t:Value><t:Value Name="BackOffMilliseconds">${milliseconds}</t:Value></${prefix}:MessageXml>`;
}

export function fault(code: string, messageXml = ''): string {
  return envelope(
    `<s:Fault><faultcode xmlns:a="http://schemas.microsoft.com/exchange/services/2006/types">a:${code}</faultcode>` +
      '<faultstring xml:lang="en-US">About Secret Subject</faultstring>' +
      `<detail><e:ResponseCode>${code}</e:ResponseCode><e:Message>About Secret Subject</e:Message>${messageXml}</detail></s:Fault>`,
  );
}

/** A FindItem reply with these items. */
export function view(items: string, attributes = 'TotalItemsInView="1" IncludesLastItemInRange="true"'): string {
  return answers(
    'FindItem',
    success('FindItem', `<m:RootFolder ${attributes}><t:Items>${items}</t:Items></m:RootFolder>`),
  );
}

/** A calendar item with what every item has, and more fields. */
export function calendarItem(id: string, more = '', kind = 'Single'): string {
  return (
    `<t:CalendarItem><t:ItemId Id="${id}" ChangeKey="ck"/>${more}<t:Start>2026-09-01T07:00:00Z</t:Start>` +
    `<t:End>2026-09-01T08:00:00Z</t:End><t:CalendarItemType>${kind}</t:CalendarItemType></t:CalendarItem>`
  );
}

export function gotItem(item: string): string {
  return success('GetItem', `<m:Items>${item}</m:Items>`);
}
