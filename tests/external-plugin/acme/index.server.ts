/** Acme, a vendor that does not exist: a code from its page, or a ticket from its app, becomes a person. */
import { definePlugin, jsonOf, PluginFailure, type PluginContext } from '@menshen/plugin-kit';
import { z } from 'zod';
import manifest from './manifest.json' with { type: 'json' };

const person = z.object({
	id: z.string().optional(),
	name: z.string().optional(),
	error: z.string().optional(),
});

/** Acme takes both at one address, and says no with 200. */
async function whoIs(proof: Record<string, string>, { http, config }: PluginContext) {
	const clientId = String(config['clientId']);
	const reply = await http('server', {
		path: '/who',
		form: { ...proof, clientId, clientSecret: String(config['clientSecret']) },
	});
	const { id, name, error } = jsonOf(reply, person);
	if (error === 'bad_client') throw new PluginFailure('config', error);
	if (!id) throw new PluginFailure('refused', error ?? 'no id');
	return { subject: id, scope: clientId, profile: { ...(name ? { name } : {}) } };
}

export default definePlugin({
	manifest,
	redirect: {
		begin({ redirectUri, state }, { address, config }) {
			const url = new URL(`${address('server')}/authorize`);
			url.search = new URLSearchParams({
				clientId: String(config['clientId']),
				redirectUri,
				state,
			}).toString();
			return { url: url.href };
		},
		async finish({ query }, context) {
			if (query['error'] === 'cancelled') throw new PluginFailure('cancelled', 'the person turned back');
			return whoIs({ code: query['code'] ?? '' }, context);
		},
	},
	ticket: {
		redeem: ({ ticket }, context) => whoIs({ ticket }, context),
	},
});
