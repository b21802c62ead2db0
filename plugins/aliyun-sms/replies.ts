/** What Aliyun answers: the gateway's errors and the API's have the same field `Code`. */
import { z } from 'zod';

const code = z.string().min(1).max(200);

export const sentSchema = z.object({ Code: code, BizId: z.string().max(200).optional() });
/** 1 is approved; 0 under review, 2 rejected. */
export const signSchema = z.object({ Code: code, SignStatus: z.number().int().optional() });
export const templateSchema = z.object({ Code: code, TemplateStatus: z.number().int().optional() });
