import { applianceMailSchema, saveApplianceMail } from '../../../flows/messages/appliance-sender';
import { changeOf } from '../../change-of';
import { ownerProcedure } from '../../guards';

/** Changes the given ones of the appliance's senders and alert address. For owners. */
export const saveSenders = ownerProcedure
	.input(changeOf(applianceMailSchema))
	.output(applianceMailSchema)
	.mutation(({ ctx, input }) =>
		saveApplianceMail(ctx.appliance, { change: input, actor: ctx.actor }, ctx.visitor()),
	);
