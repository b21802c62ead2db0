import { z } from 'zod';
import { clientSettingsSchema } from '../../../contract/client-settings';

/** A relying party: whether it has a secret, never the secret. */
export const clientView = z.object({
	...clientSettingsSchema.shape,
	createdAt: z.number(),
	updatedAt: z.number(),
});

export const madeClientView = z.object({
	client: clientView,
	/** The secret, once, when it has just been made; null otherwise. */
	secret: z.string().nullable(),
});
