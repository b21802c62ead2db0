import { z } from 'zod';
import { operatorProcedure } from '../../guards';
import { pluginView } from '../../views/plugin';
import { pluginScope } from './scope';

/** Every plugin: connectors and senders. */
export const listConnectors = operatorProcedure.output(z.array(pluginView)).query(async ({ ctx }) => {
	const { plugins } = await pluginScope(ctx);
	const all = await plugins.listForOperators(ctx.locale());
	return all.map((plugin) => ({
		...plugin,
		kinds: plugin.manifest.kinds,
		channels: plugin.manifest.channels,
	}));
});
