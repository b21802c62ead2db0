import { z } from 'zod';
import { readUnsendable } from '../../../flows/apps/read-openings';
import { administratorProcedure } from '../../guards';
import { appView } from '../../views/app';

/**
 * The settings of the app that the request names; `unsendable`: what new users must prove, but no sender can send
 * messages to.
 */
export const getApp = administratorProcedure
	.output(appView.extend({ unsendable: z.array(z.enum(['email', 'phone'])) }))
	.query(async ({ ctx: { app } }) => ({
		id: app.id,
		...(await app.settings()),
		unsendable: await readUnsendable(app),
	}));
