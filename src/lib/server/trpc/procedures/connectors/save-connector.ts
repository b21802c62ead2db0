import { z } from 'zod';
import { configurePlugin } from '../../../flows/connectors/configure-plugin';
import { operatorProcedure } from '../../guards';
import { idInput } from '../../views/page';
import { pluginScope } from './scope';

const value = z.union([z.string().max(20_000), z.number(), z.boolean(), z.null()]);

/**
 * Switches a plugin on or off and fills in its settings: absent values are kept, null takes one away.
 * Settings that every app inherits are for owners.
 */
export const saveConnector = operatorProcedure
	.input(
		z.strictObject({
			id: idInput,
			enabled: z.boolean().optional(),
			position: z.number().int().min(0).max(10_000).optional(),
			values: z.record(z.string().max(80), value).optional(),
		}),
	)
	.output(z.void())
	.mutation(async ({ ctx, input: { id, ...change } }) =>
		configurePlugin(await pluginScope(ctx), { id, change, actor: ctx.actor }, ctx.visitor()),
	);
