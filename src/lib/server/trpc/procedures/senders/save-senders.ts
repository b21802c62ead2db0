import { applianceMailSchema, saveApplianceMail } from '../../../flows/messages/appliance-sender';
import { changeOf } from '../../change-of';
import { operatorProcedure } from '../../guards';

/** Changes what is named of the appliance's senders and alert address. */
export const saveSenders = operatorProcedure
	.input(changeOf(applianceMailSchema))
	.output(applianceMailSchema)
	.mutation(({ ctx, input }) =>
		saveApplianceMail(ctx.appliance, { change: input, actor: ctx.actor }, ctx.visitor()),
	);
