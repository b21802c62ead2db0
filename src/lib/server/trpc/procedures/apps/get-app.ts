import { administratorProcedure } from '../../guards';
import { appView } from '../../views/app';

/** The settings of the app that the request names. */
export const getApp = administratorProcedure
	.output(appView)
	.query(async ({ ctx: { app } }) => ({ id: app.id, ...(await app.settings()) }));
