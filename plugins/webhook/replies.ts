/** What a receiver may say beside its status. Nothing is needed. */
import { z } from 'zod';

export const acceptedSchema = z.object({ reference: z.string().min(1).max(200) });
