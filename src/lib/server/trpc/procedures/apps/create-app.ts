import { z } from 'zod';
import { appIdSchema, appSettingsSchema, themeSchema } from '../../../../contract/app-settings';
import { createApp as create } from '../../../flows/apps/manage-apps';
import { operatorProcedure } from '../../guards';
import { appEntryView } from '../../views/app';

const { theme: _, ...settingsShape } = appSettingsSchema.shape;

/** Makes an app. Its id is counted up unless given; settings that are not given get their defaults. */
export const createApp = operatorProcedure
	.input(
		z.strictObject({
			id: appIdSchema.optional(),
			...settingsShape,
			theme: z.strictObject(themeSchema.shape).optional(),
		}),
	)
	.output(appEntryView)
	.mutation(({ ctx, input: { id, ...settings } }) =>
		create(ctx.appliance, { input: { id, settings }, actor: ctx.actor }, ctx.visitor()),
	);
