/** What Aliyun answers. An error has `Code`, a mail that was taken on has `EnvId`. */
import { z } from 'zod';

const short = z.string().min(1).max(200);

export const sentSchema = z.union([z.object({ Code: short }), z.object({ EnvId: short })]);

export const addressesSchema = z.union([
	z.object({ Code: short }),
	z.object({
		data: z.object({
			mailAddress: z.array(z.object({ AccountName: z.string(), AccountStatus: z.coerce.string() })),
		}),
	}),
]);
