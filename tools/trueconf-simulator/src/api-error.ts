/** An answer in the server's error shape: `{"error":{"code","message","trace_id","errors":[{"reason",...}]}}`. */
export class ApiError extends Error {
  readonly code = 'trueconf-api-error';
  readonly status: number;
  readonly reason: string | null;
  readonly location: { type: 'path' | 'query' | 'body' | 'header'; name: string } | null;

  constructor(status: number, reason: string | null, message: string, location?: ApiError['location']) {
    super(message);
    this.name = new.target.name;
    this.status = status;
    this.reason = reason;
    this.location = location ?? null;
  }

  /** @param traceId number of the request, as v4 shows one. */
  body(traceId: number): unknown {
    const detail = this.reason && {
      reason: this.reason,
      message: this.message,
      ...(this.location && { locationType: this.location.type, location: this.location.name }),
    };
    return {
      error: { code: this.status, message: this.message, trace_id: String(traceId), errors: detail ? [detail] : [] },
    };
  }
}

export function missingField(name: string): ApiError {
  return new ApiError(400, 'missingRequiredField', `Field ${name} is required`, { type: 'body', name });
}

export function invalidField(name: string, rule: string): ApiError {
  return new ApiError(400, 'invalidValue', `Field ${name} ${rule}`, { type: 'body', name });
}
