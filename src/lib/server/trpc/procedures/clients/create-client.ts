import { z } from 'zod';
import { clientSettingsSchema } from '../../../../contract/client-settings';
import { createClient as create } from '../../../flows/clients/manage-clients';
import { appOperatorProcedure } from '../../guards';
import { madeClientView } from '../../views/client';

/** Registers a relying party. A confidential one gets a secret, shown this once. */
export const createClient = appOperatorProcedure
	// Each field by itself; the flow validates them together and names the redirect at fault.
	.input(z.strictObject(clientSettingsSchema.shape))
	.output(madeClientView)
	.mutation(({ ctx, input }) => create(ctx.app, { settings: input, actor: ctx.actor }, ctx.visitor()));
