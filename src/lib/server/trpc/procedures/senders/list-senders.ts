import { z } from 'zod';
import { operatorProcedure } from '../../guards';
import { pluginView } from '../../views/plugin';

/** The senders that the appliance itself may use. `admin.connectors.save` without an app sets them up. */
export const listSenders = operatorProcedure.output(z.array(pluginView)).query(async ({ ctx }) => {
	const all = await ctx.appliance.plugins.appliance.listForOperators(ctx.locale());
	const senders = all.filter(({ manifest }) => manifest.kinds.includes('sender'));
	return senders.map((plugin) => ({
		...plugin,
		kinds: plugin.manifest.kinds,
		channels: plugin.manifest.channels,
	}));
});
