import { z } from 'zod';

const headers = z.record(
  z.string().regex(/^[A-Za-z0-9-]+$/, 'a header name of letters, digits and dashes'),
  z.string().regex(/^[ -~]*$/, 'a header value of printable ASCII'),
);
const ewsCode = z.string().regex(/^[A-Za-z]+$/, 'a response code is letters only, such as ErrorServerBusy');
const backOffMs = z.int().min(0).optional();

/** What happens to a request that a rule matches. */
const actionSchema = z.discriminatedUnion('form', [
  z.strictObject({ form: z.literal('soapFault'), code: ewsCode, message: z.string().optional(), status: z.int().min(200).max(599).optional(), backOffMs, headers: headers.optional() }),
  z.strictObject({
    form: z.literal('responseMessage'),
    code: ewsCode,
    message: z.string().optional(),
    responseClass: z.enum(['Error', 'Warning']).optional(),
    backOffMs,
    /** Positions of the response messages to replace, from 0; all when absent. The others are answered as usual. */
    positions: z.array(z.int().min(0)).optional(),
    /** SyncFolderItems: whether the error carries an empty SyncState and IncludesLastItemInRange true, as real ones do. */
    emptySyncState: z.boolean().default(true),
  }),
  z.strictObject({
    form: z.literal('http'),
    status: z.int().min(200).max(599),
    retryAfterSeconds: z.int().min(0).optional(),
    headers: headers.optional(),
    body: z.string().optional(),
  }),
  z.strictObject({ form: z.literal('html') }),
  z.strictObject({
    form: z.literal('cut'),
    /** Let the operation take effect first, so that only its answer is lost. */
    afterOperation: z.boolean().optional(),
    /** Bytes of the answer to send before the connection is cut. */
    afterBytes: z.int().min(0).optional(),
  }),
  z.strictObject({ form: z.literal('truncate'), keepBytes: z.int().min(0) }),
  z.strictObject({ form: z.literal('illegalCharacters'), element: z.enum(['Subject', 'Body', 'Location']).default('Subject'), text: z.string().default('\u0000\u001a') }),
  z.strictObject({ form: z.literal('delay') }),
]); // biome-ignore format: one form a line

/** A rule as the control API takes it. */
export const faultRuleSchema = z.strictObject({
  /** Operation name or names; any when absent. */
  operation: z.union([z.string(), z.array(z.string())]).optional(),
  /** Address of the mailbox that is acted for; any when absent. */
  mailbox: z.string().optional(),
  /** Number of requests that the rule strikes; unlimited when null. */
  times: z.int().min(1).nullable().default(1),
  /** Number of matching requests to let pass first. */
  skip: z.int().min(0).default(0),
  /** Milliseconds to wait before the answer. */
  delayMs: z.int().min(0).max(600_000).default(0),
  action: actionSchema,
});

export type FaultRule = z.infer<typeof faultRuleSchema>;
export type FaultAction = FaultRule['action'];
