import { z } from 'zod';
import { applyConfig as apply } from '../../../flows/apply/apply-config';
import { commandLineProcedure } from '../../guards';

const itemView = z.object({
	/** `app:4`, `app:4 client:web`, … */
	object: z.string(),
	deed: z.enum(['create', 'change', 'remove', 'unchanged']),
	/** Names of the settings: values may be secret. */
	fields: z.array(z.string()),
});

/**
 * Applies a file of settings (docs/config.md). Hosts that the file names may be called even where they are
 * private, so this is only for callers on the appliance's own machine.
 */
export const applyConfig = commandLineProcedure
	.input(z.strictObject({ text: z.string().max(8 * 1024 * 1024), dryRun: z.boolean().optional() }))
	.output(z.object({ dryRun: z.boolean(), changes: z.number(), items: z.array(itemView) }))
	.mutation(({ ctx, input }) => apply(ctx.appliance, { ...input, actor: ctx.actor }, ctx.visitor()));
