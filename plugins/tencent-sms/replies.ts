/** What Tencent Cloud answers: always HTTP 200 and `Response`, with `Error` where the whole request was refused. */
import { z } from 'zod';

const code = z.string().min(1).max(200);
const refused = z.object({ Error: z.object({ Code: code }) });

/**
 * One status for each number asked for, with its own code: a request that succeeded may still have sent nothing.
 */
export const sentSchema = z.object({
	Response: z.union([
		refused,
		z.object({
			SendStatusSet: z.array(
				z.object({ Code: code, SerialNo: z.string().max(200).optional(), PhoneNumber: z.string().max(32) }),
			),
		}),
	]),
});

/** 0 is approved, 1 under review, -1 rejected. */
export const templatesSchema = z.object({
	Response: z.union([
		refused,
		z.object({
			DescribeTemplateStatusSet: z.array(
				z.object({ TemplateId: z.number().int(), StatusCode: z.number().int() }),
			),
		}),
	]),
});
