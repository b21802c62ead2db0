import { z } from 'zod';
import { appSettingsSchema } from '../../../contract/app-settings';

export const appEntryView = z.object({
	id: z.number(),
	name: z.string(),
	isPublic: z.boolean(),
	createdAt: z.number(),
	updatedAt: z.number(),
});

export const appView = appSettingsSchema.extend({ id: z.number() });
