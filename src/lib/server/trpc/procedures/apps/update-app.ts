import { appSettingsSchema, themeSchema } from '../../../../contract/app-settings';
import { updateApp as update } from '../../../flows/apps/manage-apps';
import { changeOf } from '../../change-of';
import { appOperatorProcedure } from '../../guards';
import { appView } from '../../views/app';

const change = changeOf(appSettingsSchema).extend({
	theme: changeOf(themeSchema).optional(),
	senders: changeOf(appSettingsSchema.shape.senders.unwrap()).optional(),
});

/** Changes the given settings of the app and leaves the rest. */
export const updateApp = appOperatorProcedure
	.input(change)
	.output(appView)
	.mutation(async ({ ctx: { app, actor, appliance, visitor }, input }) => ({
		id: app.id,
		...(await update(appliance, { id: app.id, change: input, actor }, visitor())),
	}));
