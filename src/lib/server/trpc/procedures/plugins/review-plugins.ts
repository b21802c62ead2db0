import { z } from 'zod';
import {
	approvePlugin as approve,
	listExternalPlugins,
	revokePlugin as revoke,
} from '../../../flows/connectors/review-external';
import { ownerProcedure } from '../../guards';
import { idInput } from '../../views/page';
import { externalListView } from '../../views/plugin';

/** The plugins in PLUGINS_DIR, and whether their code may run. */
export const listPlugins = ownerProcedure
	.output(externalListView)
	.query(({ ctx }) => listExternalPlugins(ctx.appliance, ctx.locale()));

/** Approves exactly the files with this digest. */
export const approvePlugin = ownerProcedure
	.input(z.strictObject({ id: idInput, digest: z.string().regex(/^[0-9a-f]{64}$/) }))
	.output(z.void())
	.mutation(({ ctx, input }) => approve(ctx.appliance, { ...input, actor: ctx.actor }, ctx.visitor()));

/** Ends the plugin's process and withdraws the approval. */
export const revokePlugin = ownerProcedure
	.input(z.strictObject({ id: idInput }))
	.output(z.void())
	.mutation(({ ctx, input }) => revoke(ctx.appliance, { id: input.id, actor: ctx.actor }, ctx.visitor()));
