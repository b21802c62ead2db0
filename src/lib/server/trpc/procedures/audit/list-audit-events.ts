import { z } from 'zod';
import { listEvents } from '../../../flows/audit/list-events';
import { operatorProcedure } from '../../guards';
import { auditEventView } from '../../views/audit';
import { pageShape } from '../../views/page';

/** Security events, the newest first: of the app that the request names, else of the appliance. */
export const listAuditEvents = operatorProcedure
	.input(
		z.strictObject({
			...pageShape,
			/** e.g. `user.sign-in`. */
			action: z.string().max(64).optional(),
			/** e.g. `user:abc`. */
			target: z.string().max(200).optional(),
		}),
	)
	.output(z.object({ events: z.array(auditEventView), next: z.number().optional() }))
	.query(async ({ ctx, input }) =>
		listEvents(ctx.namesApp ? (await ctx.findApp()).store : ctx.appliance.control, input),
	);
