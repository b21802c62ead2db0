import { applianceMailSchema, readApplianceMail } from '../../../flows/messages/appliance-sender';
import { operatorProcedure } from '../../guards';

/** Which senders the appliance uses, inherited by apps that chose none, and where its alerts go. */
export const getSenders = operatorProcedure
	.output(applianceMailSchema)
	.query(({ ctx }) => readApplianceMail(ctx.appliance));
